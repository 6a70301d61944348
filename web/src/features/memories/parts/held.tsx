import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";

import { api, ok } from "@/api/client";
import { type Seen, useSeen } from "@/api/live";
import { useActions } from "@/features/memories/queries";
import { useT } from "@/i18n";
import type { Catalogue } from "@/i18n/en";
import { OWN_APP } from "@/lib/activity";
import { kept } from "@/lib/kept";

import { useProblem } from "@/components/states";
import { Button } from "@/components/ui/button";
import { toast } from "@/components/ui/toast";

/** Why something is held back, as half a sentence. */
export function because(t: Catalogue, heldFor: string | null | undefined): string {
  return t.held.because[heldFor ?? ""] ?? t.held.because.nothing_lasting ?? "";
}

/** Keeps what is held back, with a way back. */
export function useKeep(): (ids: string[]) => Promise<void> {
  const t = useT();
  const problem = useProblem();
  const actions = useActions();
  const takeBack = async (ids: string[]) => {
    try {
      await actions.unkeep(ids);
    } catch (failure) {
      toast(problem(failure), { danger: true });
    }
  };
  return async (ids) => {
    try {
      const { kept: back, there } = await actions.keep(ids);
      if (there.length > 0) toast(t.held.there(there.length));
      if (back.length > 0) toast(t.held.kept(back.length), { action: { label: t.common.undo, run: () => void takeBack(back) } });
    } catch (failure) {
      toast(problem(failure), { danger: true });
    }
  };
}

/** One click keeps them. */
export function KeepButton({ ids, label, className }: { ids: string[]; label?: string; className?: string }) {
  const t = useT();
  const keep = useKeep();
  const [busy, setBusy] = useState(false);
  return (
    <Button
      size="sm"
      variant="outline"
      className={className}
      disabled={busy}
      onClick={() => {
        setBusy(true);
        void keep(ids).finally(() => setBusy(false));
      }}
    >
      {label ?? t.held.keep}
    </Button>
  );
}

/** Events come in bursts: one message for all of them, after so many milliseconds. */
const BURST = 600;

/** When the latest was, that was told in this tab: a reload does not tell it again. */
const TOLD = "held-told";

/** Pages that tell it themselves. */
const TOLD_THERE = ["/welcome", "/review"];

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
    const memory = await ok(api.GET("/api/v1/memories/{memory_id}", { params: { path: { memory_id: id } } })).catch(() => null);
    if (memory?.state !== "held") return;
    toast(t.held.toast(because(t, memory.held_for)), { action: { label: t.held.keep, run: () => void keep([id]) } });
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
