import { queryOptions } from "@tanstack/react-query";

import { type Schemas, api, ok } from "@/api/client";
import { keys } from "@/api/keys";

export type Project = Schemas["Project"];

export const projectsQuery = queryOptions({
  queryKey: keys.projects,
  queryFn: async () => (await ok(api.GET("/api/v1/projects/"))).projects,
});
