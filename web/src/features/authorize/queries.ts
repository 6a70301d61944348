import { queryOptions } from "@tanstack/react-query";

import { type Schemas, api, ok } from "@/api/client";
import { keys } from "@/api/keys";

export type Request = Schemas["OAuthRequest"];

/** What a program asks. It stays the same until it is answered, so it is asked for once. */
export const requestQuery = (id: string) =>
  queryOptions({
    queryKey: keys.request(id),
    queryFn: () => ok(api.GET("/api/v1/oauth/requests/{request_id}", { params: { path: { request_id: id } } })),
    staleTime: Infinity,
  });
