import { queryOptions } from "@tanstack/react-query";

import { api, ok } from "@/api/client";
import { keys } from "@/api/keys";

export const meQuery = queryOptions({ queryKey: keys.me, queryFn: () => ok(api.GET("/api/v1/auth/me")), staleTime: 300_000 });
