import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, ok } from "@/api/client";
import { keys } from "@/api/keys";
import { endOfDay, startOfDay } from "@/lib/days";
import type { MemoryFilters, Sort } from "@/routes";

import { found, listed } from "./rows";
import { sorting } from "./sorts";

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
    queryKey: keys.listed.list(filters, sort),
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
    queryKey: keys.memories.search(query, filters),
    queryFn: async ({ signal }) => {
      const body = { query, limit: MOST_FOUND, nearest: true, ...conditions(filters) };
      const answer = await ok(api.POST("/api/v1/memories/search", { body, signal }));
      return {
        query,
        rows: answer.results.map(found),
        /** What comes next, but is not likely to help. */
        nearest: (answer.nearest ?? []).map(found),
        degraded: answer.degraded,
        reason: answer.reason ?? null,
      };
    },
    enabled: query !== "",
    placeholderData: keepPreviousData,
  });

export const tagsQuery = queryOptions({
  queryKey: keys.tags,
  queryFn: async () => (await ok(api.GET("/api/v1/memories/categories"))).categories,
});

/** How often the first memory is looked for, in milliseconds. Live events are faster; this is for a page that gets none. */
const OFTEN = 5000;

/** The newest memory there is. */
export const firstQuery = queryOptions({
  queryKey: keys.memories.first,
  queryFn: async () => (await ok(api.POST("/api/v1/memories/filter", { body: { limit: 1 } }))).items[0] ?? null,
  refetchInterval: (query) => (query.state.data ? false : OFTEN),
});

export const firstHeldQuery = queryOptions({
  queryKey: keys.memories.firstHeld,
  queryFn: async () => (await ok(api.POST("/api/v1/memories/filter", { body: { states: ["held"], limit: 1 } }))).items[0] ?? null,
  refetchInterval: OFTEN,
});
