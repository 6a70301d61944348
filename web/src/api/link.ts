import { useEffect, useRef } from "react";

import { store, useStore } from "@/lib/store";

/** How the page stands with its server: not watched, sought, held, or lost until the time (milliseconds) of the next try. */
export type Link = { at: "off" | "trying" | "live" } | { at: "lost"; next: number };

const link = store<Link>({ at: "off" });
const found = new Set<() => void>();
/** While the server is watched: looks at once whether it is there. */
let look: (() => void) | null = null;

export const connection = {
  get: link.get,
  set(next: Link): void {
    link.set(next);
  },
  /** It is back after it was lost. */
  returned(): void {
    for (const listener of found) listener();
  },
  watched(by: (() => void) | null): void {
    look = by;
  },
  /** Tries now; for a reader who does not want to wait, and where a request has failed. */
  try(): void {
    look?.();
  },
};

export function useLink(): Link {
  return useStore(link);
}

/** Calls when the server is back after it was lost. */
export function useReturn(call: () => void): void {
  const latest = useRef(call);
  useEffect(() => {
    latest.current = call;
  });
  useEffect(() => {
    const listener = () => latest.current();
    found.add(listener);
    return () => {
      found.delete(listener);
    };
  }, []);
}
