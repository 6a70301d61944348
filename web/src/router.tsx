import { createRootRoute, createRoute, createRouter, redirect } from "@tanstack/react-router";

import { session } from "@/api/session";
import { NotFound, Outside, PageFailed, Root } from "@/components/frame";
import { Landing } from "@/features/landing/page";
import { lazyPage } from "@/lib/lazy-page";
import { arrival } from "@/lib/lists";

import { type Next, PATHS, memoriesSearch, nextSearch, reviewSearch, settingsSearch } from "./routes";

declare module "@tanstack/history" {
  interface HistoryState {
    /** Which list of memories this was: see lib/lists.ts. */
    list?: string | undefined;
  }
}

const root = createRootRoute({ component: Root, notFoundComponent: NotFound, errorComponent: PageFailed });

const outside = createRoute({ getParentRoute: () => root, id: "outside", component: Outside });
const ofOutside = { getParentRoute: () => outside };
const onlySignedOut = ({ search }: { search: Next }) => {
  if (session.get().status === "signed-in") throw redirect(arrival(search.next));
};
const forSignedOut = { ...ofOutside, validateSearch: nextSearch, beforeLoad: onlySignedOut };

const onlySignedIn = ({ location }: { location: { href: string } }) => {
  if (session.get().status !== "signed-in") throw redirect({ to: PATHS.signIn, search: { next: location.href } });
};

const legal = () => import("@/features/legal/page");
const signIn = () => import("@/features/account/sign-in");

const outer = [
  createRoute({ ...ofOutside, path: PATHS.landing, component: Landing }),
  createRoute({ ...ofOutside, path: PATHS.privacy, component: lazyPage(legal, "Privacy") }),
  createRoute({ ...ofOutside, path: PATHS.terms, component: lazyPage(legal, "Terms") }),
  createRoute({ ...ofOutside, path: PATHS.support, component: lazyPage(legal, "Support") }),
  createRoute({ ...forSignedOut, path: PATHS.signIn, component: lazyPage(signIn, "SignIn") }),
  createRoute({ ...forSignedOut, path: PATHS.register, component: lazyPage(signIn, "Register") }),
  createRoute({
    ...ofOutside,
    path: PATHS.start,
    // A second visit to the link would end the sign-in of the first.
    beforeLoad: onlySignedOut,
    component: lazyPage(() => import("@/features/account/start"), "Start"),
  }),
  createRoute({
    ...ofOutside,
    path: PATHS.authorize,
    beforeLoad: onlySignedIn,
    component: lazyPage(() => import("@/features/authorize/page"), "Authorize"),
  }),
  createRoute({ ...ofOutside, path: PATHS.device, component: lazyPage(() => import("@/features/authorize/device"), "Device") }),
] as const;

const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  beforeLoad: onlySignedIn,
  component: lazyPage(() => import("@/components/shell"), "Shell"),
});
const ofInside = { getParentRoute: () => inside };

const inner = [
  createRoute({ ...ofInside, path: PATHS.welcome, component: lazyPage(() => import("@/features/account/welcome"), "Welcome") }),
  createRoute({
    ...ofInside,
    path: PATHS.review,
    validateSearch: reviewSearch,
    component: lazyPage(() => import("@/features/review/page"), "Review"),
  }),
  createRoute({ ...ofInside, path: PATHS.connect, component: lazyPage(() => import("@/features/connect/page"), "Connect") }),
  createRoute({ ...ofInside, path: PATHS.dashboard, component: lazyPage(() => import("@/features/dashboard/page"), "Dashboard") }),
  createRoute({
    ...ofInside,
    path: PATHS.memories,
    validateSearch: memoriesSearch,
    component: lazyPage(() => import("@/features/memories/page"), "Memories"),
  }),
  createRoute({ ...ofInside, path: PATHS.memory, component: lazyPage(() => import("@/features/memory/page"), "MemoryDetail") }),
  createRoute({ ...ofInside, path: PATHS.apps, component: lazyPage(() => import("@/features/apps/page"), "Apps") }),
  createRoute({ ...ofInside, path: PATHS.app, component: lazyPage(() => import("@/features/apps/app"), "AppDetail") }),
  createRoute({ ...ofInside, path: PATHS.projects, component: lazyPage(() => import("@/features/projects/page"), "Projects") }),
  createRoute({ ...ofInside, path: PATHS.learning, component: lazyPage(() => import("@/features/learning/page"), "Learning") }),
  createRoute({ ...ofInside, path: PATHS.playground, component: lazyPage(() => import("@/features/playground/page"), "Playground") }),
  createRoute({ ...ofInside, path: PATHS.usage, component: lazyPage(() => import("@/features/usage/page"), "Usage") }),
  createRoute({
    ...ofInside,
    path: PATHS.settings,
    validateSearch: settingsSearch,
    component: lazyPage(() => import("@/features/settings/page"), "Settings"),
  }),
  createRoute({
    ...ofInside,
    path: PATHS.operator,
    beforeLoad: () => {
      throw redirect({ to: PATHS.operatorPage, params: { page: "health" } });
    },
  }),
  createRoute({ ...ofInside, path: PATHS.operatorPage, component: lazyPage(() => import("@/features/operator/page"), "Operator") }),
] as const;

export const router = createRouter({
  routeTree: root.addChildren([outside.addChildren(outer), inside.addChildren(inner)]),
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
