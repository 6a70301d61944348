import type { Schemas } from "@/api/client";

/** The app that this page speaks for. What it reads is what is being looked at: no news, and no recall. */
export const OWN_APP = "web";

export type Series = "written" | "changed" | "deleted" | "read";
export const SERIES: Series[] = ["written", "changed", "deleted", "read"];
export type DayFigures = { date: string; recalled: number } & Record<Series, number>;

export const SERIES_OF: Record<string, Series> = {
  created: "written",
  updated: "changed",
  state_changed: "changed",
  restored: "changed",
  superseded: "changed",
  deleted: "deleted",
  search: "read",
  list: "read",
  get: "read",
  context: "read",
  inspect: "read",
};

/** Whether this page itself looked, for its reader: that is no evidence of what clients do. */
export const isLook = (app: string, operation: string) =>
  app === OWN_APP && !["written", "changed", "deleted"].includes(SERIES_OF[operation] ?? "");

/** The last days up to this one, UTC as everything that is counted by day. */
function lastDays(days: number, today: Date): string[] {
  return Array.from({ length: days }, (_, n) => new Date(today.getTime() - (days - 1 - n) * 86_400_000).toISOString().slice(0, 10));
}

/** One row for each day, days without activity too. */
export function byDay(activity: Schemas["ActivityDay"][], days: number, today: Date): DayFigures[] {
  const rows = new Map<string, DayFigures>();
  for (const date of lastDays(days, today)) rows.set(date, { date, recalled: 0, written: 0, changed: 0, deleted: 0, read: 0 });
  for (const { date, operation, app, count } of activity) {
    const row = rows.get(date);
    const series = SERIES_OF[operation];
    if (!row || !series || isLook(app, operation)) continue;
    row[series] += count;
    if (operation === "search") row.recalled += count;
  }
  return [...rows.values()];
}

export interface FeedbackDay {
  date: string;
  events: number;
  confidence: number;
}

/** One row for each day, days without feedback too. */
export function feedbackByDay(trend: Schemas["TrendDay"][], days: number, today: Date): FeedbackDay[] {
  const told = new Map(trend.map((day) => [day.date.slice(0, 10), day]));
  return lastDays(days, today).map((date) => {
    const { events = 0, avg_confidence = 0 } = told.get(date) ?? {};
    return { date, events, confidence: avg_confidence };
  });
}
