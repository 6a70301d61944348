import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { type Schemas, api, ok } from "@/api/client";
import { keys } from "@/api/keys";

export type Memory = Schemas["Memory"];

const of = (id: string) => ({ params: { path: { memory_id: id } } });

export const getMemory = (id: string) => ok(api.GET("/api/v1/memories/{memory_id}", of(id)));

export const memoryQuery = (id: string) => queryOptions({ queryKey: keys.memory.one(id), queryFn: () => getMemory(id) });

/** Parts of the list of what was deleted that are looked through for one memory. */
const LOOKED = 5;

/** A memory that was deleted, for as long as it can be brought back. */
export const deletedQuery = (id: string) =>
  queryOptions({
    queryKey: keys.memory.deleted(id),
    queryFn: async () => {
      let cursor: string | null | undefined;
      for (let part = 0; part < LOOKED && cursor !== null; part++) {
        const body = { states: ["deleted"], limit: 200, ...(cursor ? { cursor } : {}) };
        const { items, next_cursor }: Schemas["MemoryPage"] = await ok(api.POST("/api/v1/memories/filter", { body }));
        const found = items.find((each) => each.id === id);
        if (found) return found;
        cursor = next_cursor ?? null;
      }
      return null;
    },
  });

/** The older memories that say the same and are folded under one. */
export const alikeQuery = (id: string) =>
  queryOptions({
    queryKey: keys.memory.alike(id),
    queryFn: async () => (await ok(api.GET("/api/v1/memories/{memory_id}/alike", of(id)))).items,
  });

export const historyQuery = (id: string) =>
  queryOptions({
    queryKey: keys.memory.history(id),
    queryFn: async () => (await ok(api.GET("/api/v1/memories/{memory_id}/history", of(id)))).history,
  });

/** Readings of one page. */
export const READINGS = 100;

export const logQuery = (id: string, page: number) =>
  queryOptions({
    queryKey: keys.memory.log(id, page),
    queryFn: () =>
      ok(api.GET("/api/v1/memories/{memory_id}/access-log", { params: { path: { memory_id: id }, query: { page, page_size: READINGS } } })),
    placeholderData: keepPreviousData,
  });

/** What somebody linked with it, and what is like it. */
export const relatedQuery = (id: string) =>
  queryOptions({
    queryKey: keys.memory.related(id),
    queryFn: async () => (await ok(api.GET("/api/v1/memories/{memory_id}/related", of(id)))).items,
  });

/** What clients and people said that it was worth. */
export const feedbackQuery = (id: string) =>
  queryOptions({
    queryKey: keys.memory.feedback(id),
    queryFn: async () => (await ok(api.GET("/api/v1/memories/{memory_id}/feedback", of(id)))).feedback,
  });
