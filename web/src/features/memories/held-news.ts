import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

import { type Seen, useSeen } from "@/api/live";
import { toast } from "@/components/ui/toast";
import { getMemory } from "@/features/memory/queries";
import { useT } from "@/i18n";
import { OWN_APP } from "@/lib/activity";
import { because } from "@/lib/held";
import { kept } from "@/lib/kept";
import { PATHS } from "@/routes";

import { useKeep } from "./mutations";

/** Events come in bursts: one message for all of them, after so many milliseconds. */
const BURST = 600;

/** When the latest was, that was told in this tab: a reload does not tell it again. */
const TOLD = "held-told";

/** Pages that tell it themselves. */
const TOLD_THERE: string[] = [PATHS.welcome, PATHS.review];

const heldBack = ({ past, event }: Seen) =>
  !past &&
  (event.type === "memory.added" || event.type === "memory.changed") &&
  event.state === "held" &&
  // What was done here is told where it was done.
  event.app !== OWN_APP;

/** Says it when something that a client stores is held back. */
export function useHeldNews(): void {
  const t = useT();
  const seen = useSeen();
  const keep = useKeep();
  const navigate = useNavigate();
  const known = useRef(0);
  const ids = useRef(new Set<string>());
  const newest = useRef("");
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const tell = async () => {
    const [id, ...others] = ids.current;
    ids.current.clear();
    if (!id) return;
    kept.set(TOLD, newest.current);
    // Where all of it is looked at anyway, it is there.
    if (TOLD_THERE.includes(location.pathname) || new URLSearchParams(location.search).get("state") === "held") return;
    if (others.length > 0) {
      const look = () => void navigate({ to: "/memories", search: { state: "held" } });
      return toast(t.held.many(others.length + 1), { action: { label: t.held.look, run: look } });
    }
    const memory = await getMemory(id).catch(() => null);
    if (memory?.state !== "held") return;
    toast(t.held.toast(because(t, memory.held_for)), { action: { label: t.held.keep, run: () => keep.mutate([id]) } });
  };
  const latest = useRef(tell);
  useEffect(() => {
    latest.current = tell;
  });
  useEffect(() => {
    const told = kept.get<string>(TOLD) ?? "";
    const fresh = seen.filter((each) => each.key > known.current && heldBack(each) && each.event.at > told);
    known.current = Math.max(known.current, seen[0]?.key ?? 0);
    if (fresh.length === 0) return;
    for (const { event } of fresh) {
      if ("memory_id" in event) ids.current.add(event.memory_id);
      if (event.at > newest.current) newest.current = event.at;
    }
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void latest.current(), BURST);
  }, [seen]);
  useEffect(() => () => clearTimeout(timer.current), []);
}
