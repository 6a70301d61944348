import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Brain, Check, Keyboard, Plus, Search, SearchX, SlidersHorizontal, X } from "lucide-react";
import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";

import { api, ok } from "@/api/client";
import { useSeen } from "@/api/live";
import { FRESH_PARTS, MOST_FOUND, type Row, SHOWN, listQuery, searchQuery, useActions } from "./queries";
import { openQuery } from "@/features/review/queries";
import { Confirm } from "@/components/confirm";
import { PageTitle } from "@/components/frame";
import { KeepButton, useKeep } from "@/features/memories/parts/held";
import { type Edited, MemoryEditor, editedOf, unfinished } from "@/features/memory/parts/editor";
import { Empty, Failed, Loading, useProblem } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Input, Select } from "@/components/ui/field";
import { toast } from "@/components/ui/toast";
import { useT } from "@/i18n";
import { typing, useShortcutsOn } from "@/lib/shortcuts";
import { SORTS, type Sort, USUAL_SORT } from "./sorts";
import type { MemoryList } from "@/router";

import { Filters } from "./parts/filters";
import { List, type ListHandle } from "./parts/list";
import { Selection } from "./parts/selection";
import { ShortcutHelp } from "@/components/shortcut-help";
import { useWords } from "./words";

/** So many are selected at once, not only those that are loaded. */
const ALL = 2000;

export function Memories() {
  const t = useT();
  const problem = useProblem();
  const shown: MemoryList = useSearch({ from: "/inside/memories" });
  const { sort = USUAL_SORT, ...filters } = shown;
  const navigate = useNavigate({ from: "/memories" });
  const narrowTo = (next: MemoryList) => void navigate({ search: next, state: true, replace: true });
  const { typed, query, type: setTyped } = useWords(shown);
  const searching = query !== "";

  const list = useInfiniteQuery({ ...listQuery(filters, sort), enabled: !searching });
  const { refetch } = list;
  const search = useQuery(searchQuery(query, filters));
  const rows = useMemo(
    () => (searching ? (search.data?.rows ?? []) : (list.data?.pages.flatMap((page) => page.rows) ?? [])),
    [searching, search.data, list.data],
  );
  const shownRows = useDeferredValue(rows);
  const total = list.data?.pages[0]?.total ?? 0;
  const pending = searching ? search.isPending : list.isPending;
  const error = searching ? search.error : list.error;

  const actions = useActions();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [editing, setEditing] = useState<Edited | "new" | null>(unfinished);
  const [deleting, setDeleting] = useState<string[]>([]);
  const [why, setWhy] = useState(false);
  const [help, setHelp] = useState(false);
  const [narrow, setNarrow] = useState(Object.keys(filters).length > 0);
  const [shortcuts] = useShortcutsOn();
  const searchField = useRef<HTMLInputElement>(null);
  const handle = useRef<ListHandle>(null);
  const waiting = useNews(
    list.data?.pages.length ?? 0,
    useCallback(() => void refetch({ cancelRefetch: false }), [refetch]),
  );

  const states = SHOWN[filters.state ?? "default"] ?? [];
  const deleted = filters.state === "deleted";
  const held = filters.state === "held";
  const heldBack = useQuery(openQuery).data?.counts.held ?? 0;
  const keep = useKeep();
  const keepAll = (ids: string[]) => {
    setSelected(new Set());
    void keep(ids);
  };
  const filtered = Object.keys(filters).length > 0;
  const select = (ids: Iterable<string>, on: boolean) => {
    const next = new Set(selected);
    for (const id of ids) {
      if (on) next.add(id);
      else next.delete(id);
    }
    setSelected(next);
  };
  const move = async (ids: string[], to: "paused" | "archived" | "active") => {
    try {
      const before = new Map(rows.filter((row) => ids.includes(row.id)).map((row) => [row.id, row.state]));
      const moved = await actions.move(ids, to, states);
      setSelected(new Set());
      const said = { paused: t.memories.paused, archived: t.memories.archived, active: t.memories.restored }[to](moved.length);
      toast(said, moved.length > 0 ? { action: { label: t.common.undo, run: () => void undo(moved, before) } } : {});
    } catch (failure) {
      toast(problem(failure), { danger: true });
    }
  };
  const undo = async (ids: string[], before: Map<string, string>) => {
    try {
      for (const state of ["active", "paused", "archived"] as const) {
        const back = ids.filter((id) => before.get(id) === state);
        if (back.length > 0) await actions.move(back, state, states);
      }
      await actions.refresh();
    } catch (failure) {
      toast(problem(failure), { danger: true });
    }
  };
  const edit = async (row: Row) => {
    try {
      setEditing(editedOf(await ok(api.GET("/api/v1/memories/{memory_id}", { params: { path: { memory_id: row.id } } }))));
    } catch (failure) {
      toast(problem(failure), { danger: true });
    }
  };
  const recover = async (ids: string[]) => {
    try {
      const back = await actions.recover(ids);
      setSelected(new Set());
      toast(t.memories.restored(back.length));
    } catch (failure) {
      toast(problem(failure), { danger: true });
    }
  };
  const remove = async (ids: string[]) => {
    const removed = await actions.remove(ids);
    setSelected(new Set());
    toast(t.memories.deleted(removed.length), { action: { label: t.common.undo, run: () => void recover(removed) } });
  };

  useEffect(() => {
    if (!shortcuts) return;
    const pressed = (event: KeyboardEvent) => {
      if (typing(event)) return;
      const row = handle.current?.active() ?? null;
      const of = selected.size > 0 ? [...selected] : row ? [row.id] : [];
      const deeds: Record<string, () => unknown> = {
        "/": () => searchField.current?.focus(),
        n: () => setEditing("new"),
        "?": () => setHelp(true),
        j: () => handle.current?.step(1),
        k: () => handle.current?.step(-1),
        Escape: () => (selected.size > 0 ? setSelected(new Set()) : setTyped("")),
        ...(row && deleted ? { x: () => select([row.id], !selected.has(row.id)) } : {}),
        ...(row && !deleted ? { x: () => select([row.id], !selected.has(row.id)), e: () => void edit(row) } : {}),
        ...(of.length > 0 && deleted ? { r: () => void recover(of) } : {}),
        ...(of.length > 0 && held ? { r: () => keepAll(of) } : {}),
        ...(of.length > 0 && !deleted && !held
          ? {
              a: () => void move(of, "archived"),
              p: () => void move(of, "paused"),
              r: () => void move(of, "active"),
            }
          : {}),
        ...(of.length > 0 && !deleted ? { Delete: () => setDeleting(of), "#": () => setDeleting(of) } : {}),
      };
      const deed = deeds[event.key];
      if (!deed) return;
      event.preventDefault();
      deed();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  });

  const counted = !searching
    ? t.memories.count(total)
    : rows.length >= MOST_FOUND
      ? t.memories.resultsMost(rows.length)
      : t.memories.results(rows.length);
  // What says the same is one row: where all is loaded, the rows are what there is.
  const partly = !searching && list.hasNextPage;
  const everything = partly && total <= ALL ? total : rows.length;
  const selectAll = async () => {
    let known = rows;
    let more = !searching && total <= ALL && list.hasNextPage;
    while (more) {
      const next = await list.fetchNextPage();
      if (next.isError) return toast(problem(next.error), { danger: true });
      known = next.data?.pages.flatMap((page) => page.rows) ?? known;
      more = next.hasNextPage;
    }
    select(
      known.map((row) => row.id),
      true,
    );
  };

  const add = (
    <Button onClick={() => setEditing("new")}>
      <Plus />
      {t.memories.add}
    </Button>
  );
  return (
    <>
      <PageTitle
        title={t.memories.title}
        actions={
          <>
            <Button
              variant="ghost"
              size="icon"
              className="hidden sm:inline-flex"
              aria-label={t.memories.shortcuts}
              onClick={() => setHelp(true)}
            >
              <Keyboard />
            </Button>
            {add}
          </>
        }
      />
      <div role="search" className="mb-3 flex gap-2">
        <div className="relative flex-1">
          <Search className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-subtle" aria-hidden />
          <Input
            ref={searchField}
            type="search"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Escape") setTyped("");
              if (event.key === "ArrowDown") {
                event.preventDefault();
                handle.current?.step(1);
              }
            }}
            aria-label={t.memories.search}
            placeholder={t.memories.searchPlaceholder}
            className="h-11 pr-10 pl-9 [&::-webkit-search-cancel-button]:hidden"
          />
          {typed && (
            <button
              type="button"
              aria-label={t.memories.clear}
              onClick={() => {
                setTyped("");
                searchField.current?.focus();
              }}
              className="absolute top-1/2 right-2 grid size-7 -translate-y-1/2 place-items-center rounded-md text-subtle hover:bg-muted"
            >
              <X className="size-4" />
            </button>
          )}
        </div>
        <Button
          variant="outline"
          className="h-11 max-sm:px-3"
          aria-expanded={narrow}
          aria-controls="filters"
          onClick={() => setNarrow(!narrow)}
        >
          <SlidersHorizontal />
          <span className="max-sm:sr-only">{t.memories.filters}</span>
          {filtered && <span aria-hidden className="size-2 rounded-full bg-primary" />}
        </Button>
      </div>
      <Filters filters={filters} change={(next) => narrowTo(sort === USUAL_SORT ? next : { ...next, sort })} open={narrow} />

      <div className="mb-2 flex min-h-8 flex-wrap items-center gap-x-3 text-sm text-subtle" aria-live="polite">
        {!pending && !error && <span>{counted}</span>}
        {searching && search.data?.degraded && <span className="text-warning">{t.memories.degraded}</span>}
        {searching && rows.length > 0 && (
          <Button variant="link" size="sm" className="h-8 px-1" aria-pressed={why} onClick={() => setWhy(!why)}>
            {why ? t.memories.hideWhy : t.memories.why}
          </Button>
        )}
        {!held && heldBack > 0 && (
          <Link to="/memories" search={{ state: "held" }} className="rounded-md text-warning underline underline-offset-4">
            {t.held.waiting(heldBack)}
          </Link>
        )}
        {!searching && waiting && (
          <Button variant="outline" size="sm" onClick={() => void actions.refresh()}>
            {t.memories.news}
          </Button>
        )}
        {!searching && (
          <Select
            aria-label={t.memories.sort}
            className="ml-auto h-8 w-auto max-w-full"
            value={sort}
            onChange={(event) => {
              const next = event.target.value as Sort;
              narrowTo(next === USUAL_SORT ? filters : { ...filters, sort: next });
            }}
          >
            {SORTS.map((each) => (
              <option key={each} value={each}>
                {t.memories.sorts[each]}
              </option>
            ))}
          </Select>
        )}
      </div>

      {held && rows.length > 0 && (
        <div className="mb-3 flex flex-wrap items-center gap-3 rounded-xl bg-muted px-4 py-3 text-sm">
          <p className="min-w-60 flex-1">{t.held.lead}</p>
          <KeepButton ids={rows.map((row) => row.id)} label={t.held.keepAll(rows.length)} />
        </div>
      )}
      {error ? (
        <Failed error={error} retry={() => void (searching ? search.refetch() : list.refetch())} />
      ) : pending ? (
        <Loading className="h-72" />
      ) : rows.length === 0 ? (
        held && !searching && Object.keys(filters).length === 1 ? (
          <Empty icon={<Check />} title={t.held.noneTitle}>
            {t.held.none}
          </Empty>
        ) : searching || filtered ? (
          <Empty icon={<SearchX />} title={t.memories.noneTitle}>
            {(searching && search.data?.reason && t.memories.reason[search.data.reason]) || t.memories.none}
          </Empty>
        ) : (
          <Empty
            icon={<Brain />}
            title={t.memories.emptyTitle}
            action={
              <div className="flex flex-wrap justify-center gap-2">
                <Button asChild>
                  <Link to="/connect">{t.memories.connect}</Link>
                </Button>
                <Button variant="outline" onClick={() => setEditing("new")}>
                  {t.memories.add}
                </Button>
                <Button asChild variant="outline">
                  <Link to="/settings" search={{ tab: "data" }}>
                    {t.memories.import}
                  </Link>
                </Button>
              </div>
            }
          >
            {t.memories.empty}
          </Empty>
        )
      ) : (
        <List
          ref={handle}
          rows={shownRows}
          total={searching ? rows.length : total}
          selected={selected}
          select={select}
          why={searching && why}
          changed={!searching && sort.startsWith("updated")}
          edit={(row) => void edit(row)}
          remove={(row) => setDeleting([row.id])}
          move={(row, to) => void move([row.id], to)}
          recover={deleted ? (row) => void recover([row.id]) : null}
          more={!searching && list.hasNextPage && !list.isFetching && !list.isFetchNextPageError ? () => void list.fetchNextPage() : null}
        />
      )}

      <Selection
        count={selected.size}
        all={() => void selectAll()}
        allLabel={everything < total && partly ? t.memories.selectLoaded(everything) : t.memories.selectAll(everything)}
        clear={() => setSelected(new Set())}
        move={(to) => void move([...selected], to)}
        recover={deleted ? () => void recover([...selected]) : null}
        keep={held ? () => keepAll([...selected]) : null}
        remove={() => setDeleting([...selected])}
      />
      <Dialog open={editing !== null} onOpenChange={(open) => !open && setEditing(null)}>
        {editing !== null && <MemoryEditor memory={editing === "new" ? null : editing} saved={() => setEditing(null)} />}
      </Dialog>
      <Confirm
        open={deleting.length > 0}
        onOpenChange={(open) => !open && setDeleting([])}
        title={t.memories.deleteTitle(deleting.length)}
        action={t.memories.delete}
        run={() => remove(deleting)}
      >
        {t.memories.deleteText} {t.memories.deleteUndo}
      </Confirm>
      <ShortcutHelp open={help} onOpenChange={setHelp} />
    </>
  );
}

/** Reads a short list anew when something happens; of a long one it says that there is news. */
function useNews(parts: number, refetch: () => void): boolean {
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
