import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, ok } from "@/api/client";
import { keys } from "@/api/keys";

export const analyticsQuery = (project: string) =>
  queryOptions({
    queryKey: keys.learning.project(project),
    queryFn: () => ok(api.GET("/api/v1/learning/analytics/{project_id}", { params: { path: { project_id: project } } })),
    placeholderData: keepPreviousData,
  });

export const fadingQuery = queryOptions({
  queryKey: keys.learning.fading,
  queryFn: () => ok(api.GET("/api/v1/learning/fading")),
  // A row must not go from under the pointer: what was confirmed stays until the page is opened anew.
  refetchOnWindowFocus: false,
});

export const policyQuery = queryOptions({ queryKey: keys.learning.policy, queryFn: () => ok(api.GET("/api/v1/learning/policy")) });
