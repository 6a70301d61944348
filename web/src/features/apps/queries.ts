import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { type Schemas, api, ok } from "@/api/client";
import { keys } from "@/api/keys";

export type App = Schemas["App"];

/** All apps: the list holds at most 100 a page, and people have few. */
export const appsQuery = queryOptions({
  queryKey: keys.apps.list,
  queryFn: async () => {
    const apps: App[] = [];
    for (let page = 1; ; page++) {
      const part = await ok(
        api.GET("/api/v1/apps/", { params: { query: { page, page_size: 100, sort_by: "memories", sort_direction: "desc" } } }),
      );
      apps.push(...part.apps);
      if (apps.length >= part.total || part.apps.length === 0) return apps;
    }
  },
});

export const appQuery = (id: string) =>
  queryOptions({
    queryKey: keys.apps.one(id),
    queryFn: () => ok(api.GET("/api/v1/apps/{app_id}", { params: { path: { app_id: id } } })),
  });

/** Memories of one page. */
export const SIZE = 20;

export const writtenQuery = (id: string, page: number) =>
  queryOptions({
    queryKey: keys.memories.ofApp(id, page),
    queryFn: () => ok(api.GET("/api/v1/apps/{app_id}/memories", { params: { path: { app_id: id }, query: { page, page_size: SIZE } } })),
    placeholderData: keepPreviousData,
  });

export const readQuery = (id: string, page: number) =>
  queryOptions({
    queryKey: keys.memories.readBy(id, page),
    queryFn: () => ok(api.GET("/api/v1/apps/{app_id}/accessed", { params: { path: { app_id: id }, query: { page, page_size: SIZE } } })),
    placeholderData: keepPreviousData,
  });
