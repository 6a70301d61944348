import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";

import { session } from "./api/session";
import { NotFound, Outside, PageFailed, Root } from "./components/frame";
import { Landing } from "./pages/landing";

// The server knows the same paths: PAGES in src/web/mod.rs.

const root = createRootRoute({ component: Root, notFoundComponent: NotFound, errorComponent: PageFailed });

const outside = createRoute({ getParentRoute: () => root, id: "outside", component: Outside });
const landing = createRoute({ getParentRoute: () => outside, path: "/", component: Landing });
const legal = (path: "/privacy" | "/terms" | "/support", name: "Privacy" | "Terms" | "Support") =>
  createRoute({ getParentRoute: () => outside, path, component: lazyRouteComponent(() => import("./pages/legal"), name) });

type Next = { next?: string };
/** Only a path of this page: a link must not lead elsewhere after signing in. */
const next = (search: Record<string, unknown>): Next =>
  typeof search.next === "string" && /^\/[a-z]/.test(search.next) ? { next: search.next } : {};
const onlySignedOut = ({ search }: { search: Next }) => {
  if (session.get().status === "signed-in") throw redirect({ to: search.next ?? "/memories" });
};
const signIn = createRoute({
  getParentRoute: () => outside,
  path: "/sign-in",
  validateSearch: next,
  beforeLoad: onlySignedOut,
  component: lazyRouteComponent(() => import("./pages/sign-in"), "SignIn"),
});
const register = createRoute({
  getParentRoute: () => outside,
  path: "/register",
  validateSearch: next,
  beforeLoad: onlySignedOut,
  component: lazyRouteComponent(() => import("./pages/sign-in"), "Register"),
});

const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  beforeLoad: ({ location }) => {
    if (session.get().status !== "signed-in") throw redirect({ to: "/sign-in", search: { next: location.pathname } });
  },
  component: lazyRouteComponent(() => import("./components/shell"), "Shell"),
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
const filters = (search: Record<string, unknown>): MemoryFilters =>
  Object.assign({}, ...["app", "project", "type", "tag", "state", "from", "to", "session"].map((name) => text(search, name)));

export const SETTINGS_TABS = ["profile", "rules", "keys", "data", "account"] as const;
type SettingsSearch = { tab?: string };

const page = {
  welcome: createRoute({
    getParentRoute: () => inside,
    path: "/welcome",
    component: lazyRouteComponent(() => import("./pages/welcome"), "Welcome"),
  }),
  connect: createRoute({
    getParentRoute: () => inside,
    path: "/connect",
    component: lazyRouteComponent(() => import("./pages/connect"), "Connect"),
  }),
  dashboard: createRoute({
    getParentRoute: () => inside,
    path: "/dashboard",
    component: lazyRouteComponent(() => import("./pages/dashboard"), "Dashboard"),
  }),
  memories: createRoute({
    getParentRoute: () => inside,
    path: "/memories",
    validateSearch: filters,
    component: lazyRouteComponent(() => import("./pages/memories"), "Memories"),
  }),
  memory: createRoute({
    getParentRoute: () => inside,
    path: "/memories/$id",
    component: lazyRouteComponent(() => import("./pages/memory"), "MemoryDetail"),
  }),
  apps: createRoute({ getParentRoute: () => inside, path: "/apps", component: lazyRouteComponent(() => import("./pages/apps"), "Apps") }),
  app: createRoute({
    getParentRoute: () => inside,
    path: "/apps/$id",
    component: lazyRouteComponent(() => import("./pages/apps"), "AppDetail"),
  }),
  projects: createRoute({
    getParentRoute: () => inside,
    path: "/projects",
    component: lazyRouteComponent(() => import("./pages/projects"), "Projects"),
  }),
  learning: createRoute({
    getParentRoute: () => inside,
    path: "/learning",
    component: lazyRouteComponent(() => import("./pages/learning"), "Learning"),
  }),
  playground: createRoute({
    getParentRoute: () => inside,
    path: "/playground",
    component: lazyRouteComponent(() => import("./pages/playground"), "Playground"),
  }),
  settings: createRoute({
    getParentRoute: () => inside,
    path: "/settings",
    validateSearch: (search: Record<string, unknown>): SettingsSearch =>
      SETTINGS_TABS.some((tab) => tab === search.tab) ? { tab: String(search.tab) } : {},
    component: lazyRouteComponent(() => import("./pages/settings"), "Settings"),
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
    component: lazyRouteComponent(() => import("./pages/operator"), "Operator"),
  }),
};

export const router = createRouter({
  routeTree: root.addChildren([
    outside.addChildren([landing, legal("/privacy", "Privacy"), legal("/terms", "Terms"), legal("/support", "Support"), signIn, register]),
    inside.addChildren(Object.values(page)),
  ]),
  defaultPreload: "intent",
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
