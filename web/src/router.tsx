import { createRootRoute, createRoute, createRouter, redirect } from "@tanstack/react-router";

import { KINDS, type Kind } from "./features/review/queries";
import { session } from "./api/session";
import { NotFound, Outside, PageFailed, Root } from "./components/frame";
import { lazyPage } from "./lib/lazy-page";
import { arrival } from "./lib/lists";
import { SORTS, type Sort } from "./features/memories/sorts";
import { Landing } from "./features/landing/page";

// The server knows the same paths: PAGES in src/web/mod.rs.

const root = createRootRoute({ component: Root, notFoundComponent: NotFound, errorComponent: PageFailed });

const outside = createRoute({ getParentRoute: () => root, id: "outside", component: Outside });
const landing = createRoute({ getParentRoute: () => outside, path: "/", component: Landing });
const legal = (path: "/privacy" | "/terms" | "/support", name: "Privacy" | "Terms" | "Support") =>
  createRoute({ getParentRoute: () => outside, path, component: lazyPage(() => import("./features/legal/page"), name) });

declare module "@tanstack/history" {
  interface HistoryState {
    /** Which list of memories this was: see lib/lists.ts. */
    list?: string | undefined;
  }
}

type Next = { next?: string };
/** Only a path of this page: a link must not lead elsewhere after signing in. */
const next = (search: Record<string, unknown>): Next =>
  typeof search.next === "string" && /^\/[a-z]/.test(search.next) ? { next: search.next } : {};
const onlySignedOut = ({ search }: { search: Next }) => {
  if (session.get().status === "signed-in") throw redirect(arrival(search.next));
};
const signIn = createRoute({
  getParentRoute: () => outside,
  path: "/sign-in",
  validateSearch: next,
  beforeLoad: onlySignedOut,
  component: lazyPage(() => import("./features/account/sign-in"), "SignIn"),
});
const register = createRoute({
  getParentRoute: () => outside,
  path: "/register",
  validateSearch: next,
  beforeLoad: onlySignedOut,
  component: lazyPage(() => import("./features/account/sign-in"), "Register"),
});

const start = createRoute({
  getParentRoute: () => outside,
  path: "/start",
  // A second visit to the link would end the sign-in of the first.
  beforeLoad: onlySignedOut,
  component: lazyPage(() => import("./features/account/start"), "Start"),
});

const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  beforeLoad: ({ location }) => {
    if (session.get().status !== "signed-in") throw redirect({ to: "/sign-in", search: { next: location.href } });
  },
  component: lazyPage(() => import("./components/shell"), "Shell"),
});

const text = (search: Record<string, unknown>, name: string) => (typeof search[name] === "string" ? { [name]: search[name] } : {});
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
const day = (search: Record<string, unknown>, name: string) => (/^\d{4}-\d{2}-\d{2}$/.test(String(search[name])) ? text(search, name) : {});
/** How the list of memories is narrowed and ordered. */
export type MemoryList = MemoryFilters & { sort?: Sort };
const filters = (search: Record<string, unknown>): MemoryList =>
  Object.assign(
    {},
    ...["app", "project", "type", "tag", "state", "session"].map((name) => text(search, name)),
    ...["from", "to"].map((name) => day(search, name)),
    SORTS.some((sort) => sort === search.sort) ? { sort: search.sort } : {},
  );

export const SETTINGS_TABS = ["profile", "rules", "keys", "data", "account"] as const;
type SettingsSearch = { tab?: string };
type ReviewSearch = { kind?: Kind };

const page = {
  welcome: createRoute({
    getParentRoute: () => inside,
    path: "/welcome",
    component: lazyPage(() => import("./features/account/welcome"), "Welcome"),
  }),
  review: createRoute({
    getParentRoute: () => inside,
    path: "/review",
    validateSearch: (search: Record<string, unknown>): ReviewSearch => {
      const kind = KINDS.find((each) => each === search.kind);
      return kind ? { kind } : {};
    },
    component: lazyPage(() => import("./features/review/page"), "Review"),
  }),
  connect: createRoute({
    getParentRoute: () => inside,
    path: "/connect",
    component: lazyPage(() => import("./features/connect/page"), "Connect"),
  }),
  dashboard: createRoute({
    getParentRoute: () => inside,
    path: "/dashboard",
    component: lazyPage(() => import("./features/dashboard/page"), "Dashboard"),
  }),
  memories: createRoute({
    getParentRoute: () => inside,
    path: "/memories",
    validateSearch: filters,
    component: lazyPage(() => import("./features/memories/page"), "Memories"),
  }),
  memory: createRoute({
    getParentRoute: () => inside,
    path: "/memories/$id",
    component: lazyPage(() => import("./features/memory/page"), "MemoryDetail"),
  }),
  apps: createRoute({ getParentRoute: () => inside, path: "/apps", component: lazyPage(() => import("./features/apps/page"), "Apps") }),
  app: createRoute({
    getParentRoute: () => inside,
    path: "/apps/$id",
    component: lazyPage(() => import("./features/apps/page"), "AppDetail"),
  }),
  projects: createRoute({
    getParentRoute: () => inside,
    path: "/projects",
    component: lazyPage(() => import("./features/projects/page"), "Projects"),
  }),
  learning: createRoute({
    getParentRoute: () => inside,
    path: "/learning",
    component: lazyPage(() => import("./features/learning/page"), "Learning"),
  }),
  playground: createRoute({
    getParentRoute: () => inside,
    path: "/playground",
    component: lazyPage(() => import("./features/playground/page"), "Playground"),
  }),
  settings: createRoute({
    getParentRoute: () => inside,
    path: "/settings",
    validateSearch: (search: Record<string, unknown>): SettingsSearch =>
      SETTINGS_TABS.some((tab) => tab === search.tab) ? { tab: String(search.tab) } : {},
    component: lazyPage(() => import("./features/settings/page"), "Settings"),
  }),
  operator: createRoute({
    getParentRoute: () => inside,
    path: "/operator",
    beforeLoad: () => {
      throw redirect({ to: "/operator/$page", params: { page: "health" } });
    },
  }),
  operatorPage: createRoute({
    getParentRoute: () => inside,
    path: "/operator/$page",
    component: lazyPage(() => import("./features/operator/page"), "Operator"),
  }),
};

export const router = createRouter({
  routeTree: root.addChildren([
    outside.addChildren([
      landing,
      legal("/privacy", "Privacy"),
      legal("/terms", "Terms"),
      legal("/support", "Support"),
      signIn,
      register,
      start,
    ]),
    inside.addChildren(Object.values(page)),
  ]),
  defaultPreload: "intent",
  // In the place of the page that failed: what lies around it stays.
  defaultErrorComponent: PageFailed,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
