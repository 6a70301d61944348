import * as v from "valibot";

import type { Schemas } from "@/api/client";
import { dayOf, endOfDay } from "@/lib/days";

type Subscription = Schemas["Subscription"];

export const STATES = ["active", "trial", "past_due", "cancelled", "paused"] as const satisfies readonly Schemas["SubscriptionState"][];

/** What an account may have a limit of its own of. */
export const LIMITS = [
  "memories",
  "bytes",
  "adds_per_month",
  "searches_per_month",
  "llm_tokens_per_month",
  "spend_per_month",
  "requests_per_minute",
  "projects",
] as const satisfies readonly (keyof Schemas["PlanLimits"])[];
export type Limit = (typeof LIMITS)[number];

/** Money is in millionths, and is written as money. */
const MICROS = 1_000_000;
const scale = (name: Limit) => (name === "spend_per_month" ? MICROS : 1);

/** What is typed where a limit is lifted. */
const NONE = "none";

const whole = v.pipe(v.string(), v.trim(), v.regex(/^(none|\d{0,15})$/));
const money = v.pipe(v.string(), v.trim(), v.regex(/^(none|\d{0,9}|\d{1,9}\.\d{1,6})$/));

export const schema = v.object({
  plan: v.string(),
  state: v.picklist(STATES),
  ends: v.string(),
  memories: whole,
  bytes: whole,
  adds_per_month: whole,
  searches_per_month: whole,
  llm_tokens_per_month: whole,
  spend_per_month: money,
  requests_per_minute: whole,
  projects: whole,
});
export type Fields = v.InferOutput<typeof schema>;

/** A limit as it is typed. */
export const typed = (name: Limit, limit: unknown): string =>
  limit === null ? NONE : typeof limit === "number" ? String(limit / scale(name)) : "";

/** What stands in the form at first. */
export function fieldsOf({ plan, state, ends_at, overrides }: Subscription): Fields {
  const own = overrides as Record<string, unknown>;
  const limits = Object.fromEntries(LIMITS.map((name) => [name, typed(name, own[name])])) as Record<Limit, string>;
  return { plan, state, ends: ends_at ? dayOf(ends_at) : "", ...limits };
}

/** What is sent of it: what differs from how it stands. */
export function granted(fields: Fields, before: Subscription): Schemas["GrantIn"] {
  const stood = fieldsOf(before);
  const another = fields.plan !== stood.plan;
  // With another plan, the server forgets how the one before stood.
  const { state, ends } = another ? { state: "active", ends: "" } : stood;
  const own: Record<string, unknown> = { ...before.overrides };
  for (const name of LIMITS) {
    if (fields[name] === "") delete own[name];
    else own[name] = fields[name] === NONE ? null : Math.round(Number(fields[name]) * scale(name));
  }
  return {
    ...(another ? { plan: fields.plan } : {}),
    ...(fields.state === state ? {} : { state: fields.state }),
    ...(fields.ends === ends ? {} : { ends_at: fields.ends && endOfDay(fields.ends) }),
    ...(LIMITS.every((name) => fields[name] === stood[name]) ? {} : { overrides: own as Record<string, never> }),
  };
}
