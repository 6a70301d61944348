import { type InfiniteData, infiniteQueryOptions, keepPreviousData, queryOptions, useQueryClient } from "@tanstack/react-query";

import { endOfDay, startOfDay } from "@/lib/days";
import { type Sort, sorting } from "./sorts";
import type { MemoryFilters } from "@/router";

import { type Schemas, api, ok } from "@/api/client";
import type { Hit, Memory } from "@/api/queries";

/** A memory in a list, found or listed. */
export interface Row {
  id: string;
  text: string;
  app: string;
  state: string;
  type: string;
  tags: string[];
  version: number;
  createdAt: number;
  updatedAt: number;
  occurredAt: string | null;
  speaker: string | null;
  pinned: boolean;
  flags: string[];
  /** How far its source is trusted, 0 to 1. */
  trust: number;
  /** Why it is held back, while it is. */
  heldFor: string | null;
  /** How many older ones say the same and are folded under it. */
  alike: number;
  /** The part of a long text that is nearest to what was searched for. */
  part: string | null;
  /** What the order follows, with its parts; null where nothing was searched. */
  score: number | null;
  scores: Schemas["ScoresOut"] | null;
}

const listed = (memory: Memory): Row => ({
  id: memory.id,
  text: memory.content,
  app: memory.app_name,
  state: memory.state,
  type: memory.memory_type,
  tags: memory.tags,
  version: memory.version,
  createdAt: memory.created_at,
  updatedAt: memory.updated_at,
  occurredAt: memory.occurred_at ?? null,
  speaker: memory.speaker ?? null,
  pinned: memory.pinned,
  flags: memory.flags,
  trust: memory.trust,
  heldFor: memory.held_for ?? null,
  alike: memory.alike ?? 0,
  part: null,
  score: null,
  scores: null,
});

const found = (hit: Hit): Row => ({
  id: hit.id,
  text: hit.memory,
  app: hit.app_name,
  state: hit.state,
  type: hit.memory_type,
  tags: hit.tags,
  version: hit.version,
  createdAt: hit.created_at,
  updatedAt: hit.updated_at,
  occurredAt: hit.occurred_at ?? null,
  speaker: hit.speaker ?? null,
  // A hit does not say this.
  pinned: false,
  flags: hit.flags,
  trust: hit.trust,
  heldFor: null,
  alike: hit.alike ?? 0,
  part: hit.part ?? null,
  score: hit.score,
  scores: hit.scores,
});

/** The states that each choice of the filter stands for. */
export const SHOWN: Record<string, string[]> = {
  default: ["active", "paused"],
  active: ["active"],
  paused: ["paused"],
  archived: ["archived"],
  all: ["active", "paused", "archived"],
  held: ["held"],
  superseded: ["superseded"],
  deleted: ["deleted"],
};

function conditions(filters: MemoryFilters) {
  return {
    ...(filters.app ? { app_ids: [filters.app] } : {}),
    ...(filters.project ? { project_id: filters.project } : {}),
    ...(filters.type ? { memory_types: [filters.type] } : {}),
    ...(filters.tag ? { tags: [filters.tag] } : {}),
    ...(filters.session ? { session_id: filters.session } : {}),
    ...(filters.from ? { from_date: startOfDay(filters.from) } : {}),
    ...(filters.to ? { to_date: endOfDay(filters.to) } : {}),
    states: SHOWN[filters.state ?? "default"] ?? SHOWN.default,
  };
}

/** Rows of one part of the list. */
const PART = 100;
/** A list of so few parts is read anew as a whole when something happens; a longer one waits to be asked. */
export const FRESH_PARTS = 3;

export const listQuery = (filters: MemoryFilters, sort: Sort) =>
  infiniteQueryOptions({
    queryKey: ["listed", filters, sort],
    queryFn: async ({ pageParam }) => {
      const body = { ...conditions(filters), ...sorting(sort), limit: PART, ...(pageParam ? { cursor: pageParam } : {}) };
      const part = await ok(api.POST("/api/v1/memories/filter", { body }));
      return { rows: part.items.map(listed), total: part.total, next: part.next_cursor ?? null };
    },
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  });

/** A search answers so many at the most. */
export const MOST_FOUND = 50;

export const searchQuery = (query: string, filters: MemoryFilters) =>
  queryOptions({
    queryKey: ["memories", "search", query, filters],
    queryFn: async ({ signal }) => {
      const answer = await ok(api.POST("/api/v1/memories/search", { body: { query, limit: MOST_FOUND, ...conditions(filters) }, signal }));
      return { rows: answer.results.map(found), degraded: answer.degraded, reason: answer.reason ?? null };
    },
    enabled: query !== "",
    placeholderData: keepPreviousData,
  });

type Part = { rows: Row[]; total: number; next: string | null };

/** Ids of one call. */
const BATCH = 1000;
/** Calls at the same time, where each takes one id. */
const AT_ONCE = 4;

/** Moves and deletes memories, and what is shown of them. */
export function useActions() {
  const client = useQueryClient();
  const patch = (ids: Set<string>, change: (row: Row) => Row | null) => {
    client.setQueriesData<InfiniteData<Part>>({ queryKey: ["listed"] }, (data) => {
      if (!data) return data;
      let gone = 0;
      const pages = data.pages.map((page) => ({
        ...page,
        rows: page.rows.flatMap((row) => {
          const next = ids.has(row.id) ? change(row) : row;
          if (next === null) gone += 1;
          return next === null ? [] : [next];
        }),
      }));
      return { ...data, pages: pages.map((page) => ({ ...page, total: page.total - gone })) };
    });
    for (const key of ["memories", "memory", "review", "stats", "apps", "projects", "tags", "learning"])
      void client.invalidateQueries({ queryKey: [key] });
  };
  const inBatches = async (ids: string[], send: (part: string[]) => Promise<{ ids: string[] }>) => {
    const moved: string[] = [];
    for (let at = 0; at < ids.length; at += BATCH) moved.push(...(await send(ids.slice(at, at + BATCH))).ids);
    return moved;
  };
  return {
    /** Answers the ids that moved. */
    async move(ids: string[], to: "paused" | "archived" | "active", shown: string[]): Promise<string[]> {
      const moved = await inBatches(ids, (memory_ids) =>
        to === "paused"
          ? ok(api.POST("/api/v1/memories/actions/pause", { body: { memory_ids } }))
          : to === "archived"
            ? ok(api.POST("/api/v1/memories/actions/archive", { body: { memory_ids } }))
            : ok(api.POST("/api/v1/memories/actions/restore", { body: { memory_ids } })),
      );
      patch(new Set(moved), (row) => (shown.includes(to) ? { ...row, state: to, version: row.version + 1 } : null));
      return moved;
    },
    async remove(ids: string[]): Promise<string[]> {
      const removed = await inBatches(ids, (memory_ids) => ok(api.DELETE("/api/v1/memories/", { body: { memory_ids } })));
      patch(new Set(removed), () => null);
      return removed;
    },
    /** Brings back what was deleted. */
    async recover(ids: string[]): Promise<string[]> {
      const back = await inBatches(ids, (memory_ids) => ok(api.POST("/api/v1/memories/actions/restore", { body: { memory_ids } })));
      patch(new Set(back), () => null);
      await client.invalidateQueries({ queryKey: ["listed"] });
      return back;
    },
    /** Keeps what is held back. Answers what is kept now, and what is there already in the same words. */
    async keep(ids: string[]): Promise<{ kept: string[]; there: string[] }> {
      const there: string[] = [];
      const kept = await inBatches(ids, async (memory_ids) => {
        const answer = await ok(api.POST("/api/v1/memories/actions/keep", { body: { memory_ids } }));
        there.push(...answer.conflicts);
        return answer;
      });
      patch(new Set(kept), () => null);
      void client.invalidateQueries({ queryKey: ["listed"] });
      return { kept, there };
    },
    /** Takes that back. */
    async unkeep(ids: string[]): Promise<void> {
      const left = [...ids];
      const next = async () => {
        for (let id = left.pop(); id; id = left.pop())
          await ok(api.POST("/api/v1/review/{memory_id}/undo", { params: { path: { memory_id: id } } }));
      };
      try {
        await Promise.all(Array.from({ length: AT_ONCE }, next));
      } finally {
        for (const key of ["listed", "memories", "memory", "review", "stats"]) void client.invalidateQueries({ queryKey: [key] });
      }
    },
    /** Reads the list anew. */
    refresh: () => client.invalidateQueries({ queryKey: ["listed"] }),
  };
}
