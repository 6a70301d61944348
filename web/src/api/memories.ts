import { type InfiniteData, infiniteQueryOptions, keepPreviousData, queryOptions, useQueryClient } from "@tanstack/react-query";

import type { MemoryFilters } from "@/router";

import { type Schemas, api, ok } from "./client";
import type { Hit, Memory } from "./queries";

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
  occurredAt: string | null;
  speaker: string | null;
  pinned: boolean;
  flags: string[];
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
  occurredAt: memory.occurred_at ?? null,
  speaker: memory.speaker ?? null,
  pinned: memory.pinned,
  flags: memory.flags,
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
  occurredAt: hit.occurred_at ?? null,
  speaker: hit.speaker ?? null,
  // A hit does not say.
  pinned: false,
  flags: [],
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
    ...(filters.from ? { from_date: filters.from } : {}),
    // A day is meant whole.
    ...(filters.to ? { to_date: `${filters.to}T23:59:59Z` } : {}),
    states: SHOWN[filters.state ?? "default"] ?? SHOWN.default,
  };
}

/** Rows of one part of the list. */
const PART = 100;
/** A list of so few parts is read anew as a whole when something happens; a longer one waits to be asked. */
export const FRESH_PARTS = 3;

export const listQuery = (filters: MemoryFilters) =>
  infiniteQueryOptions({
    queryKey: ["listed", filters],
    queryFn: async ({ pageParam }) => {
      const body = { ...conditions(filters), limit: PART, ...(pageParam ? { cursor: pageParam } : {}) };
      const part = await ok(api.POST("/api/v1/memories/filter", { body }));
      return { rows: part.items.map(listed), total: part.total, next: part.next_cursor ?? null };
    },
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  });

export const searchQuery = (query: string, filters: MemoryFilters) =>
  queryOptions({
    queryKey: ["memories", "search", query, filters],
    queryFn: async ({ signal }) => {
      const answer = await ok(api.POST("/api/v1/memories/search", { body: { query, limit: 50, ...conditions(filters) }, signal }));
      return { rows: answer.results.map(found), degraded: answer.degraded, reason: answer.reason ?? null };
    },
    enabled: query !== "",
    placeholderData: keepPreviousData,
  });

type Part = { rows: Row[]; total: number; next: string | null };

/** Ids of one call. */
const BATCH = 1000;

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
    for (const key of ["memories", "memory", "stats", "apps", "projects", "tags", "learning"])
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
    /** Reads the list anew. */
    refresh: () => client.invalidateQueries({ queryKey: ["listed"] }),
  };
}
