import { queryOptions } from "@tanstack/react-query";

import { type Schemas, api, ok } from "@/api/client";
import { keys } from "@/api/keys";

export type Choices = Schemas["Settings"];

export const settingsQuery = queryOptions({ queryKey: keys.settings, queryFn: () => ok(api.GET("/api/v1/settings")) });

/** How often the gate decided what. */
export const gateQuery = queryOptions({
  queryKey: keys.stats.gate,
  queryFn: () => ok(api.GET("/api/v1/stats/gate", { params: { query: { days: 30 } } })),
});
