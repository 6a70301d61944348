import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { store, useStore } from "@/lib/store";

import { type Schemas, raw } from "./client";
import { ApiError } from "./error";
import { invalidate, stale } from "./keys";
import { connection } from "./link";
import { events } from "./stream";

export type LiveEvent = Schemas["LiveEvent"];
/** An event as it is shown: with a number of its own. */
export type Seen = { key: number; past: boolean; event: Exclude<LiveEvent, { type: "ready" }> };

/** How many of the latest events are kept. */
const KEPT = 60;
/** Milliseconds. */
const JUST_NOW = 10_000;
/** The longest wait before the next try, in milliseconds. */
const PATIENCE = 5000;
/** The server says something every 15 seconds: after so many milliseconds of silence it is gone. */
const SILENCE = 40_000;

const seen = store<Seen[]>([]);
let count = 0;

/**
 * Watches what happens while the page is seen, and makes what is shown be read anew. A hidden page watches nothing: browsers
 * allow a server few connections.
 */
export function useWatching(): void {
  const client = useQueryClient();
  useEffect(() => {
    let open: AbortController | null = null;
    let last: string | null = null;
    let again: ReturnType<typeof setTimeout> | undefined;
    let broken: AbortController | null = null;
    let failures = 0;
    let lost = false;
    let known = -1;
    const old = new Set<QueryKey>();
    let refresh: ReturnType<typeof setTimeout> | undefined;

    const isOld = (list: readonly QueryKey[]) => {
      for (const key of list) old.add(key);
      refresh ??= setTimeout(() => {
        refresh = undefined;
        void invalidate(client, [...old]);
        old.clear();
      }, 250);
    };
    const told = (event: LiveEvent, past: boolean) => {
      if (event.type === "ready") return;
      seen.set([{ key: ++count, past, event }, ...seen.get()].slice(0, KEPT));
      if (past) return;
      if (event.type === "credential.used") isOld(stale.called);
      else if (event.type !== "memory.read") isOld(stale.changed);
    };
    const run = async (signal: AbortSignal, own: AbortController) => {
      let heard = Date.now();
      const quiet = setInterval(() => {
        if (Date.now() - heard > SILENCE) own.abort();
      }, 5000);
      let wait = 1000;
      try {
        const from = last === null ? "recent=20" : `after=${last}`;
        const response = await raw(`/api/v1/events?${from}`, {
          signal: AbortSignal.any([signal, own.signal]),
          headers: { accept: "text/event-stream" },
        });
        failures = 0;
        connection.set({ at: "live" });
        if (lost) {
          lost = false;
          connection.returned();
          // What failed, and what changed unseen.
          void client.invalidateQueries();
        }
        const bytes = (response.body as ReadableStream<Uint8Array>).pipeThrough(
          new TransformStream<Uint8Array, Uint8Array>({
            transform(chunk, out) {
              heard = Date.now();
              out.enqueue(chunk);
            },
          }),
        );
        for await (const { id, data } of events(bytes)) {
          const event = JSON.parse(data) as LiveEvent;
          if (event.type === "ready") {
            // What a page begins with is what it has just read; after a break it is news.
            if (last === null) known = event.newest;
            last ??= String(event.seq);
          }
          if (id) last = id;
          // What happened just now may have missed the first reading.
          told(event, Number(id) <= known && event.type !== "ready" && Date.parse(event.at) < Date.now() - JUST_NOW);
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return connection.set({ at: "off" });
        if (error instanceof ApiError || !own.signal.aborted) {
          failures += 1;
          wait = Math.min(500 * 2 ** failures, PATIENCE);
        } else wait = 0;
        // A stream that breaks off is taken up again; only where that fails is the server gone.
        lost ||= error instanceof ApiError && (error.status === 0 || error.status >= 500);
      } finally {
        clearInterval(quiet);
      }
      if (signal.aborted) return;
      connection.set(lost ? { at: "lost", next: Date.now() + wait } : { at: "trying" });
      again = setTimeout(start, wait);
    };
    const start = () => {
      clearTimeout(again);
      if (document.hidden || open) return;
      open = new AbortController();
      const { signal } = open;
      broken = new AbortController();
      if (!lost) connection.set({ at: "trying" });
      void run(signal, broken).finally(() => {
        if (open?.signal === signal) open = null;
      });
    };
    const stop = () => {
      clearTimeout(again);
      open?.abort();
      open = null;
      connection.set({ at: "off" });
    };
    /** Takes a stream for broken, and looks whether there is another. */
    const look = () => {
      if (connection.get().at === "live") broken?.abort();
      else start();
    };
    const turned = () => (document.hidden ? stop() : start());
    document.addEventListener("visibilitychange", turned);
    for (const change of ["online", "offline"]) addEventListener(change, look);
    connection.watched(look);
    start();
    return () => {
      connection.watched(null);
      for (const change of ["online", "offline"]) removeEventListener(change, look);
      document.removeEventListener("visibilitychange", turned);
      clearTimeout(refresh);
      stop();
      seen.set([]);
    };
  }, [client]);
}

/** The latest events, newest first. */
export function useSeen(): Seen[] {
  return useStore(seen);
}
