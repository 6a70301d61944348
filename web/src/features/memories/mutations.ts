import { type InfiniteData, useMutation, useQueryClient } from "@tanstack/react-query";

import { api, ok } from "@/api/client";
import { keys, stale } from "@/api/keys";
import { toast } from "@/components/ui/toast";
import { undecide } from "@/features/review/mutations";
import { useT } from "@/i18n";

import type { Row } from "./rows";

type Part = { rows: Row[]; total: number; next: string | null };

/** Ids of one call. */
const BATCH = 1000;
/** Calls at the same time, where each takes one id. */
const AT_ONCE = 4;

async function inBatches(ids: string[], send: (part: string[]) => Promise<{ ids: string[] }>): Promise<string[]> {
  const done: string[] = [];
  for (let at = 0; at < ids.length; at += BATCH) done.push(...(await send(ids.slice(at, at + BATCH))).ids);
  return done;
}

/** Changes rows of the list at once, without reading it anew; null takes one out. */
function usePatch() {
  const client = useQueryClient();
  return (ids: string[], change: (row: Row) => Row | null) => {
    const of = new Set(ids);
    client.setQueriesData<InfiniteData<Part>>({ queryKey: keys.listed.all }, (data) => {
      if (!data) return data;
      let gone = 0;
      const pages = data.pages.map((page) => ({
        ...page,
        rows: page.rows.flatMap((row) => {
          const next = of.has(row.id) ? change(row) : row;
          if (next === null) gone += 1;
          return next === null ? [] : [next];
        }),
      }));
      return { ...data, pages: pages.map((page) => ({ ...page, total: page.total - gone })) };
    });
  };
}

export type To = "paused" | "archived" | "active";

/** States that a memory moves between. */
export const MOVES = ["active", "paused", "archived"] as const;

/** Moves memories to another state. Answers the ids that moved. */
export const useMove = () => {
  const patch = usePatch();
  return useMutation({
    /** `shown` are the states that the list shows. */
    mutationFn: ({ ids, to }: { ids: string[]; to: To; shown: readonly string[] }) =>
      inBatches(ids, (memory_ids) =>
        to === "paused"
          ? ok(api.POST("/api/v1/memories/actions/pause", { body: { memory_ids } }))
          : to === "archived"
            ? ok(api.POST("/api/v1/memories/actions/archive", { body: { memory_ids } }))
            : ok(api.POST("/api/v1/memories/actions/restore", { body: { memory_ids } })),
      ),
    onSuccess: (moved, { to, shown }) =>
      patch(moved, (row) => (shown.includes(to) ? { ...row, state: to, version: row.version + 1 } : null)),
    meta: { stale: stale.changed },
  });
};

/** Deletes memories. The dialog that asks tells what failed. */
export const useRemove = () => {
  const patch = usePatch();
  return useMutation({
    mutationFn: (ids: string[]) => inBatches(ids, (memory_ids) => ok(api.DELETE("/api/v1/memories/", { body: { memory_ids } }))),
    onSuccess: (removed) => patch(removed, () => null),
    meta: { stale: stale.changed, inline: true },
  });
};

/** Brings back what was deleted. */
export const useRecover = (done?: (back: string[]) => unknown) => {
  const patch = usePatch();
  return useMutation({
    mutationFn: (ids: string[]) =>
      inBatches(ids, (memory_ids) => ok(api.POST("/api/v1/memories/actions/restore", { body: { memory_ids } }))),
    onSuccess: (back) => {
      patch(back, () => null);
      return done?.(back);
    },
    meta: { stale: stale.written },
  });
};

/** Keeps what is held back, and tells what is kept now, with a way back, and what is there already in the same words. */
export const useKeep = () => {
  const t = useT();
  const patch = usePatch();
  const unkeep = useUnkeep();
  return useMutation({
    mutationFn: async (ids: string[]) => {
      const there: string[] = [];
      const kept = await inBatches(ids, async (memory_ids) => {
        const answer = await ok(api.POST("/api/v1/memories/actions/keep", { body: { memory_ids } }));
        there.push(...answer.conflicts);
        return answer;
      });
      return { kept, there };
    },
    onSuccess: ({ kept, there }) => {
      patch(kept, () => null);
      if (there.length > 0) toast(t.held.there(there.length));
      if (kept.length > 0) toast(t.held.kept(kept.length), { action: { label: t.common.undo, run: () => unkeep.mutate(kept) } });
    },
    meta: { stale: stale.written },
  });
};

/** Takes that back. */
const useUnkeep = () =>
  useMutation({
    mutationFn: async (ids: string[]) => {
      const left = [...ids];
      const next = async () => {
        for (let id = left.pop(); id; id = left.pop()) await undecide(id);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, next));
    },
    meta: { stale: stale.written },
  });
