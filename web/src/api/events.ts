import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { store, useStore } from "@/lib/store";

import { type Schemas, raw } from "./client";
import { ApiError } from "./error";
import { events } from "./sse";

export type LiveEvent = Schemas["LiveEvent"];
/** An event as it is shown: with a number of its own. */
export type Seen = { key: number; past: boolean; event: Exclude<LiveEvent, { type: "ready" }> };

/** How many of the latest events are kept. */
const KEPT = 60;
/** Milliseconds. */
const JUST_NOW = 10_000;

const seen = store<Seen[]>([]);
const live = store(false);
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
    let failures = 0;
    let known = -1;
    const stale = new Set<string>();
    let refresh: ReturnType<typeof setTimeout> | undefined;

    const invalidate = (...keys: string[]) => {
      for (const key of keys) stale.add(key);
      refresh ??= setTimeout(() => {
        refresh = undefined;
        for (const key of stale) void client.invalidateQueries({ queryKey: [key] });
        stale.clear();
      }, 250);
    };
    const told = (event: LiveEvent, past: boolean) => {
      if (event.type === "ready") return;
      seen.set([{ key: ++count, past, event }, ...seen.get()].slice(0, KEPT));
      if (past) return;
      if (event.type === "credential.used") invalidate("endpoints", "keys", "apps");
      else if (event.type !== "memory.read") invalidate("memories", "memory", "stats", "apps", "projects", "tags", "learning");
    };
    const run = async (signal: AbortSignal) => {
      try {
        const from = last === null ? "recent=20" : `after=${last}`;
        const response = await raw(`/api/v1/events?${from}`, { signal, headers: { accept: "text/event-stream" } });
        live.set(true);
        failures = 0;
        for await (const { id, data } of events(response.body as ReadableStream<Uint8Array>)) {
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
        if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return;
        failures += 1;
      } finally {
        live.set(false);
      }
      if (!signal.aborted) again = setTimeout(start, Math.min(1000 * 2 ** failures, 30_000));
    };
    const start = () => {
      if (document.hidden || open) return;
      open = new AbortController();
      const { signal } = open;
      void run(signal).finally(() => {
        if (open?.signal === signal) open = null;
      });
    };
    const stop = () => {
      clearTimeout(again);
      open?.abort();
      open = null;
    };
    const turned = () => (document.hidden ? stop() : start());
    document.addEventListener("visibilitychange", turned);
    start();
    return () => {
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

/** Whether events are coming in. */
export function useLive(): boolean {
  return useStore(live);
}
