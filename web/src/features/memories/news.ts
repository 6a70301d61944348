import { useEffect, useRef, useState } from "react";

import { useSeen } from "@/api/live";

import { FRESH_PARTS } from "./queries";

/** Reads a short list anew when something happens; of a long one it says that there is news. */
export function useNews(parts: number, refetch: () => void): boolean {
  const seen = useSeen();
  const newest = seen.find(({ event, past }) => !past && event.type.startsWith("memory.") && event.type !== "memory.read")?.key ?? 0;
  const known = useRef(newest);
  const [waiting, setWaiting] = useState(false);
  useEffect(() => {
    if (newest === known.current) return;
    // Events come in bursts: one reading for all of them.
    const timer = setTimeout(() => {
      known.current = newest;
      if (parts <= FRESH_PARTS) refetch();
      else setWaiting(true);
    }, 250);
    return () => clearTimeout(timer);
  }, [newest, parts, refetch]);
  useEffect(() => {
    if (parts <= FRESH_PARTS) setWaiting(false);
  }, [parts]);
  return waiting;
}
