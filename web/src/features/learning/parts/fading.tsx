import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Archive, Check, Hourglass, RotateCcw } from "lucide-react";
import { useState } from "react";

import type { Schemas } from "@/api/client";
import { Empty, Of } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Card, CardTitle } from "@/components/ui/card";
import { toast } from "@/components/ui/toast";
import { MOVES, type To, useMove } from "@/features/memories/mutations";
import { useT } from "@/i18n";
import { useFormat } from "@/lib/format";
import { quietly } from "@/lib/quietly";

import { useSay, useTakeBack } from "../mutations";
import { fadingQuery } from "../queries";

/** What is about to be forgotten. */
export function Fading() {
  const t = useT();
  const fading = useQuery(fadingQuery);
  const texts = t.learning.fading;
  return (
    <Card>
      <CardTitle>{texts.title}</CardTitle>
      <p className="mt-1 text-sm text-subtle">{texts.text}</p>
      <Of query={fading} height="h-64">
        {({ decay, fading }) => (
          <>
            {!decay && (
              <p className="mt-4 flex flex-wrap items-center gap-x-3 gap-y-1 rounded-xl bg-warning-soft px-4 py-3 text-sm">
                {fading.length === 0 ? texts.offEmpty : texts.off}
                <Link to="/settings" search={{ tab: "rules" }} className="rounded-sm font-medium underline underline-offset-4">
                  {texts.switchOn}
                </Link>
              </p>
            )}
            <div className="mt-4">
              {fading.length === 0 ? (
                <Empty icon={<Hourglass />} title={texts.emptyTitle}>
                  {texts.empty}
                </Empty>
              ) : (
                <ul className="divide-y">
                  {fading.map((each) => (
                    <Faded key={each.memory.id} decay={decay} {...each} />
                  ))}
                </ul>
              )}
            </div>
          </>
        )}
      </Of>
    </Card>
  );
}

function Faded({ memory, strength, effective_strength, decay }: Schemas["FadingOut"] & { decay: boolean }) {
  const t = useT();
  const format = useFormat();
  const [note, setNote] = useState("");
  /** The feedback that says that it is still true, while it stands. */
  const [said, setSaid] = useState<string | null>(null);
  const texts = t.learning.fading;
  const [left, full] = [format.percent(effective_strength), format.percent(strength)];
  const say = useSay(memory.id, (id) => {
    setSaid(id);
    setNote(texts.confirmed);
  });
  const takeBack = useTakeBack(() => {
    setSaid(null);
    setNote(texts.takenBack);
  });
  const moving = useMove();
  const busy = say.isPending || takeBack.isPending || moving.isPending;
  const move = (to: To) => moving.mutateAsync({ ids: [memory.id], to, shown: MOVES });
  const confirm = () => (said === null ? say.mutate("CONFIRMATION") : takeBack.mutate(said));
  const archive = async () => {
    const moved = await move("archived");
    toast(t.memories.archived(moved.length), { action: { label: t.common.undo, run: () => quietly(move("active")) } });
  };
  const about = memory.content.slice(0, 60);
  const still = said === null ? texts.still : t.learning.takeBack;
  return (
    <li className="grid gap-3 py-3 last:pb-0 sm:grid-cols-[1fr_auto] sm:items-start">
      <div className="min-w-0">
        <Link to="/memories/$id" params={{ id: memory.id }} preload={false} className="memory-text line-clamp-3 rounded-sm hover:underline">
          {memory.content}
        </Link>
        <p className="mt-1 text-xs text-subtle">{decay ? texts.left(left, full) : texts.would(left, full)}</p>
        <span aria-hidden className="relative mt-1.5 block h-1.5 max-w-60 overflow-hidden rounded-full bg-muted">
          <span className="absolute inset-y-0 left-0 rounded-full bg-primary/35" style={{ width: full }} />
          <span className="absolute inset-y-0 left-0 rounded-full bg-primary" style={{ width: left }} />
        </span>
      </div>
      <div className="grid gap-1.5 sm:justify-items-end">
        <div className="flex gap-2">
          <Button
            size="sm"
            variant="outline"
            aria-label={`${still}: ${about}`}
            // Not disabled: the button that was pressed keeps the focus.
            aria-disabled={busy}
            onClick={() => !busy && confirm()}
          >
            {said === null ? <Check /> : <RotateCcw />}
            {still}
          </Button>
          <Button
            size="sm"
            variant="outline"
            aria-label={`${t.memories.archive}: ${about}`}
            aria-disabled={busy}
            onClick={() => !busy && quietly(archive())}
          >
            <Archive />
            {t.memories.archive}
          </Button>
        </div>
        <p role="status" className="text-xs text-subtle">
          {note}
        </p>
      </div>
    </li>
  );
}
