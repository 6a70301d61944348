import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, ok } from "@/api/client";
import { keys } from "@/api/keys";

export const statsQuery = queryOptions({ queryKey: keys.stats.totals, queryFn: () => ok(api.GET("/api/v1/stats/")) });

export const activityQuery = (days: number) =>
  queryOptions({
    queryKey: keys.stats.activity(days),
    queryFn: () => ok(api.GET("/api/v1/stats/activity", { params: { query: { days } } })),
    placeholderData: keepPreviousData,
  });
