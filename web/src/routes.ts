/** The paths of the page, and what may stand behind them in an address. Imports nothing of the page. */

// The server knows the same paths: PAGES in src/web/mod.rs.
export const PATHS = {
  landing: "/",
  privacy: "/privacy",
  terms: "/terms",
  support: "/support",
  signIn: "/sign-in",
  register: "/register",
  start: "/start",
  authorize: "/authorize/$request",
  device: "/device",
  welcome: "/welcome",
  review: "/review",
  connect: "/connect",
  dashboard: "/dashboard",
  memories: "/memories",
  memory: "/memories/$id",
  apps: "/apps",
  app: "/apps/$id",
  projects: "/projects",
  learning: "/learning",
  playground: "/playground",
  usage: "/usage",
  settings: "/settings",
  operator: "/operator",
  operatorPage: "/operator/$page",
} as const;

type Search = Record<string, unknown>;
const text = (search: Search, name: string) => (typeof search[name] === "string" ? { [name]: search[name] } : {});
const day = (search: Search, name: string) => (/^\d{4}-\d{2}-\d{2}$/.test(String(search[name])) ? text(search, name) : {});

export type Next = { next?: string };
/** Only a path of this page: a link must not lead elsewhere after signing in. */
export const nextSearch = (search: Search): Next =>
  typeof search.next === "string" && /^\/[a-z]/.test(search.next) ? { next: search.next } : {};

/** Whether somebody is on the way to a program that asks to be let in. */
export const letsIn = (path: string | undefined): boolean => path !== undefined && /^\/(authorize\/|device$)/.test(path);

/** What narrows the list of memories. The words that are searched for stay out of the address: they are the user's own. */
export interface MemoryFilters {
  app?: string;
  project?: string;
  type?: string;
  tag?: string;
  state?: string;
  from?: string;
  to?: string;
  session?: string;
}

/** Orders of the list of memories. */
export const SORTS = ["created-desc", "created-asc", "happened-desc", "happened-asc", "updated-desc", "updated-asc"] as const;
export type Sort = (typeof SORTS)[number];

/** How the list of memories is narrowed and ordered. */
export type MemoryList = MemoryFilters & { sort?: Sort };
export const memoriesSearch = (search: Search): MemoryList =>
  Object.assign(
    {},
    ...["app", "project", "type", "tag", "state", "session"].map((name) => text(search, name)),
    ...["from", "to"].map((name) => day(search, name)),
    SORTS.some((sort) => sort === search.sort) ? { sort: search.sort } : {},
  );

/** Why a memory waits for a person. */
export const KINDS = ["held", "inferred", "flagged", "alike", "contradicts"] as const;
export type Kind = (typeof KINDS)[number];
export const reviewSearch = (search: Search): { kind?: Kind } => {
  const kind = KINDS.find((each) => each === search.kind);
  return kind ? { kind } : {};
};

export const SETTINGS_TABS = ["profile", "rules", "keys", "data", "account"] as const;
export const settingsSearch = (search: Search): { tab?: string } =>
  SETTINGS_TABS.some((tab) => tab === search.tab) ? { tab: String(search.tab) } : {};

export const OPERATOR_PAGES = ["health", "users", "jobs", "audit"] as const;
