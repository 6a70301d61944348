import { Archive, Check, Pause, RotateCcw, Trash2, X } from "lucide-react";

import { Button } from "@/components/ui/button";
import { useT } from "@/i18n";

import type { To } from "../mutations";

/** What can be done with all that are selected; it lies over the end of the page. */
export function Selection({
  count,
  all,
  allLabel,
  clear,
  move,
  remove,
  recover,
  keep,
}: {
  count: number;
  all: () => void;
  allLabel: string;
  clear: () => void;
  move: (to: To) => void;
  remove: () => void;
  recover: (() => void) | null;
  /** In the list of what is held back: keeps it. */
  keep: (() => void) | null;
}) {
  const t = useT();
  if (count === 0) return null;
  const wide = "max-sm:size-9 max-sm:px-0 [&>span]:max-sm:sr-only";
  return (
    <>
      <div aria-hidden className="h-20" />
      <div
        role="toolbar"
        aria-label={t.memories.selected(count)}
        className="fixed inset-x-3 bottom-3 z-30 mx-auto flex max-w-3xl flex-wrap items-center gap-1.5 rounded-2xl border bg-surface p-2 pl-4 shadow-xl sm:gap-2 lg:left-[15.75rem]"
      >
        <span className="mr-auto text-sm font-medium" aria-live="polite">
          {t.memories.selected(count)}
        </span>
        <Button variant="ghost" size="sm" className="max-sm:hidden" onClick={all}>
          {allLabel}
        </Button>
        {keep ? (
          <Button variant="outline" size="sm" className={wide} onClick={keep}>
            <Check />
            <span>{t.review.keep}</span>
          </Button>
        ) : (
          <Button variant="outline" size="sm" className={wide} onClick={recover ?? (() => move("active"))}>
            <RotateCcw />
            <span>{t.memories.restore}</span>
          </Button>
        )}
        {!recover && !keep && (
          <>
            <Button variant="outline" size="sm" className={wide} onClick={() => move("paused")}>
              <Pause />
              <span>{t.memories.pause}</span>
            </Button>
            <Button variant="outline" size="sm" className={wide} onClick={() => move("archived")}>
              <Archive />
              <span>{t.memories.archive}</span>
            </Button>
          </>
        )}
        {!recover && (
          <Button variant="danger-outline" size="sm" className={wide} onClick={remove}>
            <Trash2 />
            <span>{t.memories.delete}</span>
          </Button>
        )}
        <Button variant="ghost" size="icon" aria-label={t.memories.clearSelection} onClick={clear}>
          <X />
        </Button>
      </div>
    </>
  );
}
