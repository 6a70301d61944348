import { type ComponentType, createElement } from "react";

import { ApiError } from "@/api/error";

/** A page whose code comes when it is needed, or before: with `preload`, as the router knows it. */
export interface LazyPage {
  (): React.ReactNode;
  preload: () => Promise<void> | undefined;
}

const pages: LazyPage[] = [];

/**
 * Code that does not come is a failure like any other: the page around stays, says so and tries again. (The router's own way is
 * to load the whole page anew, which without a network leaves nothing of it.)
 */
export function lazyPage<K extends string>(load: () => Promise<Record<K, ComponentType>>, name: K): LazyPage {
  let page: ComponentType | null = null;
  let loading: Promise<void> | null = null;
  const fetched = async () => {
    try {
      page = (await load())[name];
    } catch {
      if (await answers()) throw new ApiError(404, "newer", "This server has a newer version of the page.");
      throw new ApiError(0, "offline", "The server cannot be reached.");
    }
  };
  const preload = () => {
    if (page) return;
    loading ??= fetched().finally(() => {
      loading = null;
    });
    return loading;
  };
  const Page: LazyPage = Object.assign(
    () => {
      if (!page) throw preload() ?? new Error("the page is gone");
      return createElement(page);
    },
    { preload },
  );
  pages.push(Page);
  return Page;
}

/** Whether the server is there: then it has other files now, and those of this page are gone. */
async function answers(): Promise<boolean> {
  try {
    return (await fetch("/config.json", { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

/** How long the page is left alone first, in milliseconds. */
const FIRST = 3000;

/** Fetches the code of all pages, one after another, while there is nothing else to do. */
export function preloadWhenIdle(): () => void {
  let stopped = false;
  const idle = () =>
    new Promise<void>((go) => ("requestIdleCallback" in window ? requestIdleCallback(() => go(), { timeout: 5000 }) : setTimeout(go, 200)));
  const run = async () => {
    for (const page of pages) {
      await idle();
      if (stopped) return;
      try {
        await page.preload();
      } catch {
        return;
      }
    }
  };
  const saving = (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;
  const timer = saving ? undefined : setTimeout(() => void run(), FIRST);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
