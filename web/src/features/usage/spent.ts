import type { Schemas } from "@/api/client";

import type { Meter } from "./queries";

type DayUse = Schemas["DayUse"];

/** What is counted by the month. */
export const METERS = ["adds", "searches", "llm_tokens", "reads"] as const satisfies readonly Meter[];

/** Use from this part of a limit on is worth a warning. */
const NEAR = 0.8;

export type Level = "fine" | "near" | "full";

/** How an amount stands to its limit. */
export function level(used: number, limit: number | null | undefined): Level {
  if (limit === null || limit === undefined) return "fine";
  if (used >= limit) return "full";
  return used >= limit * NEAR ? "near" : "fine";
}

/** The month and those before it, newest first. */
export function monthsTo(month: string, count: number): string[] {
  const [year = 0, of = 1] = month.split("-").map(Number);
  return Array.from({ length: count }, (_, back) => new Date(Date.UTC(year, of - 1 - back)).toISOString().slice(0, 7));
}

/** One row for each day of a month, days without use too. */
export function byDay(days: DayUse[], meter: Meter, month: string): { date: string; quantity: number }[] {
  const [year = 0, of = 1] = month.split("-").map(Number);
  const rows = Array.from({ length: new Date(Date.UTC(year, of, 0)).getUTCDate() }, (_, day) => ({
    date: `${month}-${String(day + 1).padStart(2, "0")}`,
    quantity: 0,
  }));
  for (const used of days) {
    const row = rows.find(({ date }) => date === used.day);
    if (row && used.meter === meter) row.quantity += used.quantity;
  }
  return rows;
}

/** How much of a meter went to each of something, the most first. */
export function shares(days: DayUse[], meter: Meter, of: (used: DayUse) => string): [string, number][] {
  const sums = new Map<string, number>();
  for (const used of days) {
    if (used.meter === meter) sums.set(of(used), (sums.get(of(used)) ?? 0) + used.quantity);
  }
  return [...sums].filter(([, sum]) => sum > 0).sort((a, b) => b[1] - a[1]);
}
