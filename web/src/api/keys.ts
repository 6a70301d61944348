/** The keys of all that is asked for, and what each event makes stale. */
import type { QueryClient, QueryKey } from "@tanstack/react-query";

import type { Kind, MemoryFilters, Sort } from "@/routes";

export const keys = {
  me: ["me"],
  settings: ["settings"],
  projects: ["projects"],
  tags: ["tags"],
  endpoints: ["endpoints"],
  /** Clients that were let in, and one that asks. */
  grants: ["grants"],
  request: (id: string) => ["request", id],
  /** Credentials for programs. */
  keys: ["keys"],
  apps: {
    all: ["apps"],
    list: ["apps", "all"],
    one: (id: string) => ["apps", id],
  },
  stats: {
    all: ["stats"],
    totals: ["stats", "totals"],
    gate: ["stats", "gate"],
    activity: (days: number) => ["stats", "activity", days],
  },
  learning: {
    all: ["learning"],
    analytics: ["learning", "analytics"],
    project: (project: string) => ["learning", "analytics", project],
    fading: ["learning", "fading"],
    policy: ["learning", "policy"],
  },
  /** The list that is narrowed and ordered. What is done in it changes it at once. */
  listed: {
    all: ["listed"],
    list: (filters: MemoryFilters, sort: Sort) => ["listed", filters, sort],
  },
  /** All other lists of memories. */
  memories: {
    all: ["memories"],
    search: (query: string, filters: MemoryFilters) => ["memories", "search", query, filters],
    first: ["memories", "first"],
    firstHeld: ["memories", "first-held"],
    ofApp: (id: string, page: number) => ["memories", "app", id, page],
    readBy: (id: string, page: number) => ["memories", "app-read", id, page],
  },
  /** One memory, and what is told of it. */
  memory: {
    all: ["memory"],
    one: (id: string) => ["memory", id],
    deleted: (id: string) => ["memory", id, "deleted"],
    alike: (id: string) => ["memory", id, "alike"],
    history: (id: string) => ["memory", id, "history"],
    log: (id: string, page: number) => ["memory", id, "log", page],
    related: (id: string) => ["memory", id, "related"],
    feedback: (id: string) => ["memory", id, "feedback"],
  },
  review: {
    all: ["review"],
    list: (kind: Kind | undefined) => ["review", "list", kind ?? "all"],
    open: ["review", "open"],
  },
  usage: {
    all: ["usage"],
    /** What grows with what is done. */
    counted: ["usage", "counted"],
    report: ["usage", "counted", "report"],
    statement: (month: string) => ["usage", "counted", "statement", month],
    plans: ["usage", "plans"],
    subscription: ["usage", "subscription"],
    invoices: ["usage", "invoices"],
  },
  undo: (of: unknown) => ["undo", of],
  operator: {
    all: ["operator"],
    overview: ["operator", "overview"],
    users: ["operator", "users"],
    jobs: ["operator", "jobs"],
    audit: ["operator", "audit"],
    money: (tenant: string) => ["operator", "money", tenant],
  },
} as const;

/** Memories came, changed or went; the list apart, where that changes by itself. */
const changed: QueryKey[] = [
  keys.memories.all,
  keys.memory.all,
  keys.review.all,
  keys.stats.all,
  keys.apps.all,
  keys.projects,
  keys.tags,
  keys.learning.all,
  keys.usage.counted,
];

/** What each event makes stale, whoever did it. */
export const stale = {
  changed,
  written: [keys.listed.all, ...changed],
  rated: [keys.memory.all, keys.memories.all, keys.learning.analytics],
  fading: [keys.learning.fading],
  linked: (id: string) => [keys.memory.related(id)],
  /** Searches may stand in another order. */
  ranked: [keys.memories.all],
  /** Whether anything fades is told there too. */
  ruled: [keys.learning.all],
  called: [keys.endpoints, keys.grants, keys.keys, keys.apps.all],
  apps: [keys.apps.all],
  projects: [keys.projects],
  endpoints: [keys.endpoints],
  grants: [keys.grants],
  letIn: [keys.grants, keys.keys],
  keys: [keys.keys],
  subscribed: [keys.usage.all],
  jobs: [keys.operator.all],
  granted: [keys.operator.all, keys.usage.all],
  everything: [[]],
} satisfies Record<string, QueryKey[] | ((id: string) => QueryKey[])>;

/** Makes this be read anew where it is seen, or, with "none", not before it is seen again. */
export async function invalidate(client: QueryClient, list: readonly QueryKey[], refetchType: "active" | "none" = "active"): Promise<void> {
  await Promise.all(list.map((queryKey) => client.invalidateQueries({ queryKey, refetchType })));
}
