import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { type Schemas, api, ok } from "@/api/client";
import { keys } from "@/api/keys";

export type Report = Schemas["UsageReport"];
export type Meter = Schemas["Meter"];
export type Plan = Schemas["Plan"];
export type Limits = Schemas["PlanLimits"];
export type Subscription = Schemas["Subscription"];
export type Statement = Schemas["Statement"];
export type Invoice = Schemas["Invoice"];

export const usageQuery = queryOptions({ queryKey: keys.usage.report, queryFn: () => ok(api.GET("/api/v1/usage")) });

export const statementQuery = (month: string) =>
  queryOptions({
    queryKey: keys.usage.statement(month),
    queryFn: (): Promise<Statement> => ok(api.GET("/api/v1/usage/statement", { params: { query: { month } } })),
    placeholderData: keepPreviousData,
  });

export const plansQuery = queryOptions({ queryKey: keys.usage.plans, queryFn: () => ok(api.GET("/api/v1/billing/plans")) });

export const subscriptionQuery = queryOptions({
  queryKey: keys.usage.subscription,
  queryFn: () => ok(api.GET("/api/v1/billing/subscription")),
});

export const invoicesQuery = queryOptions({ queryKey: keys.usage.invoices, queryFn: () => ok(api.GET("/api/v1/billing/invoices")) });
