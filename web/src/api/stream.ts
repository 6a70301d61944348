import { EventSourceParserStream } from "eventsource-parser/stream";

/** Splits a stream of server-sent events into their ids and data. */
export async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<{ id: string; data: string }> {
  const texts = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>);
  const reader = texts.pipeThrough(new EventSourceParserStream()).getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      yield { id: value.id ?? "", data: value.data };
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}
