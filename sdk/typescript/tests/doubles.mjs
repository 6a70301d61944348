// Two small servers for the tests: a model that says what it was shown, and a proxy that loses answers.

import { once } from "node:events";
import { createServer } from "node:http";

/** An HTTP server on a free port; its answers are what `answer` writes. */
async function double(answer) {
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    await answer(request, response, Buffer.concat(chunks)).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = () => (server.closeAllConnections(), server.close());
  return { url: `http://127.0.0.1:${server.address().port}`, close };
}

/**
 * Speaks the APIs of OpenAI and Anthropic. To jmem it says that each message is a fact; to others, what it was asked last. Offered
 * tools, it calls `remember` for what begins with that word, and says what the tool answered.
 */
export async function startModel() {
  const model = { asked: [], delay: 0 };
  const started = await double(async (request, response, body) => {
    const asked = JSON.parse(body);
    const say = (answer) => response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
    const last = asked.messages.at(-1);
    if (request.url === "/v1/messages") {
      model.asked.push(asked);
      const content = [{ type: "text", text: `You said: ${last.content}` }];
      const usage = { input_tokens: 1, output_tokens: 1 };
      return say({
        id: "m",
        type: "message",
        role: "assistant",
        model: asked.model,
        content,
        stop_reason: "end_turn",
        stop_sequence: null,
        usage,
      });
    }
    const message = { role: "assistant", content: `You said: ${last.content}` };
    let finish_reason = "stop";
    const wanted = asked.response_format?.json_schema?.name;
    if (wanted) {
      await new Promise((done) => setTimeout(done, model.delay));
      const facts = () => JSON.parse(asked.messages[1].content).messages.map((turn) => ({ text: turn.content, categories: [] }));
      message.content = JSON.stringify(wanted === "facts" ? { facts: facts() } : { decisions: [] });
    } else {
      model.asked.push(asked);
      const [, text] = /^Remember that (.*)$/.exec(last.role === "user" ? last.content : "") ?? [];
      if (asked.tools && text) {
        message.content = null;
        message.tool_calls = [{ id: "call_1", type: "function", function: { name: "remember", arguments: JSON.stringify({ text }) } }];
        finish_reason = "tool_calls";
      }
    }
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
    say({ id: "c", object: "chat.completion", created: 1, model: asked.model, usage, choices: [{ index: 0, finish_reason, message }] });
  });
  return Object.assign(model, started);
}

/**
 * Stands before jmem and does what the next word of its script says; with an empty script it only passes on.
 *
 * `lose`: the server does the work and its answer is lost. `cut`: half of the answer comes through. `refuse`: the request is lost.
 * `hang`: nothing comes. `{ status, headers }`: this answer, without asking the server.
 */
export async function startProxy(target) {
  const proxy = { script: [], seen: [] };
  const started = await double(async (request, response, body) => {
    const { method, url, headers } = request;
    proxy.seen.push({ method, url, key: headers["idempotency-key"], authorization: headers.authorization });
    const act = proxy.script.shift() ?? "pass";
    if (act === "hang") return;
    if (act.status) return response.writeHead(act.status, act.headers ?? {}).end("<html>not from the server</html>");
    if (act === "refuse") return response.destroy();
    const { host, connection, "content-length": _, ...rest } = headers;
    const answer = await fetch(target + url, { method, headers: rest, body: body.length > 0 ? body : null });
    const data = Buffer.from(await answer.arrayBuffer());
    if (act === "lose") return response.destroy();
    const { "content-encoding": __, "transfer-encoding": ___, ...shown } = Object.fromEntries(answer.headers);
    response.writeHead(answer.status, { ...shown, "content-length": data.length });
    if (act === "pass") return response.end(data);
    response.write(data.subarray(0, data.length / 2), () => setTimeout(() => response.destroy(), 20));
  });
  return Object.assign(proxy, started);
}
