import { type Ref, useId, useImperativeHandle, useRef } from "react";

import { Button } from "@/components/ui/button";
import { useT } from "@/i18n";

import type { Row } from "../rows";
import { type ItemProps, List, type ListHandle } from "./list";

interface Props extends ItemProps {
  ref: Ref<ListHandle>;
  best: Row[];
  less: Row[];
  /** Whether what is less alike is seen. */
  open: boolean;
  toggle: () => void;
}

/** The answer to a search: the best matches, and below them, folded, what is less alike. The keys go through both. */
export function Found({ ref, best, less, open, toggle, ...rest }: Props) {
  const t = useT();
  const folded = useId();
  const first = useRef<ListHandle>(null);
  const second = useRef<ListHandle>(null);
  useImperativeHandle(ref, () => ({
    active: () => first.current?.active() ?? second.current?.active() ?? null,
    step(by) {
      const below = second.current !== null && (first.current === null || second.current.active() !== null);
      const [from, to] = below ? [second.current, first.current] : [first.current, second.current];
      if (from?.step(by)) return true;
      // Over the divider, where it lies that way.
      if (!to || by < 0 !== below) return false;
      to.enter?.(below ? "last" : "first");
      return true;
    },
  }));
  return (
    <>
      {best.length > 0 && (
        <section>
          <h2 className="mb-2 text-sm font-semibold">{t.memories.best}</h2>
          <List ref={first} label={t.memories.best} rows={best} total={best.length} more={null} {...rest} />
        </section>
      )}
      {less.length > 0 && (
        <section aria-label={t.memories.less} className="mt-3 border-t pt-3">
          <div className="mb-2 flex flex-wrap items-center gap-x-3">
            {open && <h2 className="text-sm font-semibold">{t.memories.less}</h2>}
            <Button variant="link" size="sm" className="h-8 px-0" aria-expanded={open} aria-controls={folded} onClick={toggle}>
              {open ? t.memories.lessHide : t.memories.lessShow(less.length)}
            </Button>
            {open && <p className="w-full text-sm text-subtle">{t.memories.lessHint}</p>}
          </div>
          <div id={folded} hidden={!open}>
            {open && <List ref={second} label={t.memories.less} rows={less} total={less.length} more={null} {...rest} />}
          </div>
        </section>
      )}
    </>
  );
}
