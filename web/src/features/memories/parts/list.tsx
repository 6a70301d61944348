import { Link } from "@tanstack/react-router";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { Archive, MoreHorizontal, Pause, Pencil, Pin, RotateCcw, Trash2 } from "lucide-react";
import { type Ref, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from "react";

import { Button } from "@/components/ui/button";
import { Badge } from "@/components/ui/card";
import { Checkbox } from "@/components/ui/checkbox";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/components/ui/menu";
import { useT } from "@/i18n";
import { appName } from "@/lib/apps";
import { cn } from "@/lib/cn";
import { dateAlone } from "@/lib/days";
import { useFormat } from "@/lib/format";
import { because } from "@/lib/held";
import { told } from "@/lib/scores";

import type { To } from "../mutations";
import type { Row } from "../rows";
import { Alike } from "./alike";
import { KeepButton } from "./keep-button";

/** What the page's shortcuts do with the list. */
export interface ListHandle {
  /** The memory that has the focus. */
  active(): Row | null;
  /** Moves the focus; false where it would leave the list. */
  step(by: number): boolean;
  /** Moves the focus to the first or the last. */
  enter?(end: "first" | "last"): void;
}

/** This close to the end of what is loaded, more is asked for. */
const AHEAD = 30;

/** What each row shows and does. */
export interface ItemProps {
  selected: ReadonlySet<string>;
  select: (ids: Iterable<string>, on: boolean) => void;
  why: boolean;
  /** Shows when each was changed last, not when it was added. */
  changed: boolean;
  edit: (row: Row) => void;
  remove: (row: Row) => void;
  move: (row: Row, to: To) => void;
  /** In the list of what was deleted: brings it back, which is all that can be done there. */
  recover: ((row: Row) => void) | null;
}

interface Props extends ItemProps {
  ref: Ref<ListHandle>;
  /** What it is a list of. */
  label: string;
  rows: Row[];
  total: number;
  more: (() => void) | null;
}

/** Only what is seen is in the document, however many there are. */
export function List({ ref, label, rows, total, more, ...rest }: Props) {
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  const focused = useRef(-1);
  useLayoutEffect(() => {
    const place = () => setTop((list.current?.getBoundingClientRect().top ?? 0) + scrollY);
    place();
    const observer = new ResizeObserver(place);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => 96,
    overscan: 8,
    scrollMargin: top,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= rows.length - AHEAD) more();
  }, [last, rows.length, more]);

  const here = () => {
    const id = (document.activeElement?.closest("[data-memory]") as HTMLElement | null)?.dataset.memory;
    return id ? rows.findIndex((row) => row.id === id) : -1;
  };
  const go = (to: number) => {
    focused.current = to;
    virtual.scrollToIndex(to, { align: "auto" });
    // It may only be drawn after the scroll.
    const focus = (tries: number) => {
      const row = rows[to];
      const link = row && list.current?.querySelector<HTMLElement>(`[data-memory="${row.id}"] a`);
      if (link) link.focus({ preventScroll: true });
      else if (tries > 0) requestAnimationFrame(() => focus(tries - 1));
    };
    focus(10);
  };
  useImperativeHandle(ref, () => ({
    active: () => rows[here()] ?? null,
    step(by) {
      const at = here();
      const to = (at < 0 ? focused.current : at) + by;
      if (at >= 0 && !rows[to]) return false;
      go(Math.max(0, Math.min(rows.length - 1, to)));
      return true;
    },
    enter: (end) => go(end === "first" ? 0 : rows.length - 1),
  }));

  return (
    <ul ref={list} aria-label={label} className="relative" style={{ height: virtual.getTotalSize() }}>
      {items.map((item) => {
        const row = rows[item.index];
        return (
          row && (
            <li
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              data-memory={row.id}
              aria-setsize={total}
              aria-posinset={item.index + 1}
              className="absolute inset-x-0 top-0 pb-2"
              style={{ transform: `translateY(${item.start - top}px)` }}
            >
              <Item row={row} {...rest} />
            </li>
          )
        );
      })}
    </ul>
  );
}

function Item({ row, selected, select, why, changed, edit, remove, move, recover }: ItemProps & { row: Row }) {
  const t = useT();
  const format = useFormat();
  const chosen = selected.has(row.id);
  const at = changed ? row.updatedAt : row.createdAt;
  return (
    <article
      className={cn(
        "group relative flex items-start gap-3 rounded-xl border bg-surface p-3 sm:px-4",
        chosen ? "border-primary bg-accent/60" : "hover:border-control",
      )}
    >
      <Checkbox
        checked={chosen}
        onCheckedChange={(on) => select([row.id], on === true)}
        aria-label={`${t.memories.select}: ${row.text.slice(0, 60)}`}
        className="relative z-10 mt-0.5"
      />
      <div className="min-w-0 flex-1">
        {recover ? (
          <p className="memory-text line-clamp-3">{row.text}</p>
        ) : (
          <Link
            to="/memories/$id"
            params={{ id: row.id }}
            preload={false}
            className="memory-text line-clamp-3 rounded-sm outline-offset-4 after:absolute after:inset-0 after:rounded-xl"
          >
            {row.part && !row.text.startsWith(row.part) ? `… ${row.part} …` : row.text}
          </Link>
        )}
        <p className="mt-1.5 flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-subtle">
          <span className="font-medium">{appName(t, row.app)}</span>
          <time dateTime={new Date(at * 1000).toISOString()} title={format.full(at)}>
            {changed ? t.memories.changedAgo(format.ago(at)) : format.ago(at)}
          </time>
          {row.occurredAt && (
            <time dateTime={dateAlone(row.occurredAt) ?? row.occurredAt} title={format.happened(row.occurredAt)}>
              {t.memories.happenedOn(format.happenedOn(row.occurredAt))}
            </time>
          )}
          {row.score !== null && <span>{t.memories.likely(format.chance(row.score))}</span>}
          {row.state !== "active" && (
            <Badge tone="warning" className="whitespace-normal">
              {row.state === "held" ? t.held.toast(because(t, row.heldFor)) : (t.memories.states[row.state] ?? row.state)}
            </Badge>
          )}
          {row.pinned && (
            <Badge tone="accent">
              <Pin className="size-3" aria-hidden />
              {t.memories.pinned}
            </Badge>
          )}
          {row.flags.map((flag) => (
            <Badge key={flag} tone="warning">
              {t.memories.flags[flag] ?? flag}
            </Badge>
          ))}
          {row.trust < 1 && <Badge tone="warning">{t.memories.trust(format.percent(row.trust))}</Badge>}
          {row.type !== "semantic" && <Badge>{t.memories.types[row.type] ?? row.type}</Badge>}
          {row.tags.slice(0, 4).map((tag) => (
            <Badge key={tag} tone="accent">
              {tag}
            </Badge>
          ))}
          {row.tags.length > 4 && <span>+{row.tags.length - 4}</span>}
        </p>
        {row.alike > 0 && <Alike id={row.id} count={row.alike} />}
        {why && row.scores && (
          <dl className="mt-2 flex flex-wrap gap-x-4 gap-y-1 font-mono text-xs text-subtle">
            {told(t, format, row.scores).map(([name, value]) => (
              <div key={name} className="flex gap-1.5">
                <dt>{name}</dt>
                <dd className="text-foreground">{value}</dd>
              </div>
            ))}
          </dl>
        )}
      </div>
      {row.state === "held" && <KeepButton ids={[row.id]} className="relative z-10" />}
      {recover ? (
        <Button variant="outline" size="sm" className="relative z-10" onClick={() => recover(row)}>
          <RotateCcw />
          {t.memories.restore}
        </Button>
      ) : (
        <Menu>
          <MenuTrigger asChild>
            <Button
              variant="ghost"
              size="icon"
              className="relative z-10 -my-1 -mr-1.5"
              aria-label={`${t.common.moreActions}: ${row.text.slice(0, 60)}`}
            >
              <MoreHorizontal />
            </Button>
          </MenuTrigger>
          <MenuContent align="end">
            <MenuItem onSelect={() => edit(row)}>
              <Pencil />
              {t.common.edit}
            </MenuItem>
            {row.state !== "active" && row.state !== "held" && (
              <MenuItem onSelect={() => move(row, "active")}>
                <RotateCcw />
                {t.memories.restore}
              </MenuItem>
            )}
            {row.state !== "paused" && row.state !== "held" && (
              <MenuItem onSelect={() => move(row, "paused")}>
                <Pause />
                {t.memories.pause}
              </MenuItem>
            )}
            {row.state !== "archived" && row.state !== "held" && (
              <MenuItem onSelect={() => move(row, "archived")}>
                <Archive />
                {t.memories.archive}
              </MenuItem>
            )}
            <MenuItem danger onSelect={() => remove(row)}>
              <Trash2 />
              {t.memories.delete}
            </MenuItem>
          </MenuContent>
        </Menu>
      )}
    </article>
  );
}
