import { queryOptions } from "@tanstack/react-query";

import { type Schemas, api, ok } from "./client";

export type Memory = Schemas["Memory"];
export type Hit = Schemas["HitOut"];
export type App = Schemas["App"];
export type Project = Schemas["Project"];
export type Credential = Schemas["Credential"];

// The first part of a key is what live events make stale: see events.ts.

export const meQuery = queryOptions({ queryKey: ["me"], queryFn: () => ok(api.GET("/api/v1/auth/me")), staleTime: 300_000 });

export const statsQuery = queryOptions({ queryKey: ["stats", "totals"], queryFn: () => ok(api.GET("/api/v1/stats/")) });

export const activityQuery = (days: number) =>
  queryOptions({
    queryKey: ["stats", "activity", days],
    queryFn: () => ok(api.GET("/api/v1/stats/activity", { params: { query: { days } } })),
    placeholderData: (before) => before,
  });

/** All apps: the list holds at most 100 a page, and people have few. */
export const appsQuery = queryOptions({
  queryKey: ["apps", "all"],
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

export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: async () => (await ok(api.GET("/api/v1/projects/"))).projects,
});

export const tagsQuery = queryOptions({
  queryKey: ["tags"],
  queryFn: async () => (await ok(api.GET("/api/v1/memories/categories"))).categories,
});

export const endpointsQuery = queryOptions({
  queryKey: ["endpoints"],
  queryFn: async () => (await ok(api.GET("/api/v1/endpoints/"))).endpoints,
});

export const keysQuery = queryOptions({ queryKey: ["keys"], queryFn: async () => (await ok(api.GET("/api/v1/keys/"))).keys });

export const analyticsQuery = (project: string) =>
  queryOptions({
    queryKey: ["learning", "analytics", project],
    queryFn: () => ok(api.GET("/api/v1/learning/analytics/{project_id}", { params: { path: { project_id: project } } })),
    placeholderData: (before) => before,
  });

export const fadingQuery = queryOptions({
  queryKey: ["learning", "fading"],
  queryFn: () => ok(api.GET("/api/v1/learning/fading")),
  // A row must not go from under the pointer: what was confirmed stays until the page is opened anew.
  refetchOnWindowFocus: false,
});

export const policyQuery = queryOptions({ queryKey: ["learning", "policy"], queryFn: () => ok(api.GET("/api/v1/learning/policy")) });

/** Whether a credential is neither revoked nor past its end. */
export const works = (credential: Credential): boolean =>
  !credential.revoked_at && !(credential.expires_at && Date.parse(credential.expires_at) <= Date.now());
