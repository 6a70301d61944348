import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { api, ok } from "@/api/client";
import { keys } from "@/api/keys";

/** How often what goes on is read anew, in milliseconds. */
const OFTEN = 10_000;
/** Rows of one part. */
const PART = 50;

const part = (cursor: string) => ({ params: { query: { limit: PART, ...(cursor ? { cursor } : {}) } } });

export const overviewQuery = queryOptions({
  queryKey: keys.operator.overview,
  queryFn: () => ok(api.GET("/api/v1/admin/overview")),
  refetchInterval: OFTEN,
});

export const jobsQuery = queryOptions({
  queryKey: keys.operator.jobs,
  queryFn: () => ok(api.GET("/api/v1/admin/jobs")),
  refetchInterval: OFTEN,
});

export const usersQuery = infiniteQueryOptions({
  queryKey: keys.operator.users,
  queryFn: ({ pageParam }) => ok(api.GET("/api/v1/admin/users", part(pageParam))),
  initialPageParam: "",
  getNextPageParam: (last) => last.next_cursor ?? undefined,
  select: (data) => ({ pages: data.pages.map((page) => page.users) }),
});

/** What an account may use and has to pay. */
export const moneyQuery = (tenant: string) =>
  queryOptions({
    queryKey: keys.operator.money(tenant),
    queryFn: () => ok(api.GET("/api/v1/admin/accounts/{tenant_id}/subscription", { params: { path: { tenant_id: tenant } } })),
  });

export const auditQuery = infiniteQueryOptions({
  queryKey: keys.operator.audit,
  queryFn: ({ pageParam }) => ok(api.GET("/api/v1/admin/audit", part(pageParam))),
  initialPageParam: "",
  getNextPageParam: (last) => last.next_cursor ?? undefined,
  select: (data) => ({ pages: data.pages.map((page) => page.entries) }),
});
