import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Keyboard, Plus, SlidersHorizontal } from "lucide-react";
import { useCallback, useDeferredValue, useMemo, useRef, useState } from "react";

import { Confirm } from "@/components/confirm";
import { PageTitle } from "@/components/frame";
import { ShortcutHelp } from "@/components/shortcut-help";
import { Failed, Loading, problemOf } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Select } from "@/components/ui/field";
import { toast } from "@/components/ui/toast";
import { type Edited, editedOf, unfinished } from "@/features/memory/edited";
import { useOpen } from "@/features/memory/mutations";
import { MemoryEditor } from "@/features/memory/parts/editor";
import { openQuery } from "@/features/review/queries";
import { useT } from "@/i18n";
import { cn } from "@/lib/cn";
import { useShortcuts } from "@/lib/shortcuts";
import { type MemoryList, SORTS, type Sort } from "@/routes";

import { useDeeds } from "./deeds";
import { useFound } from "./found";
import { useKeep } from "./mutations";
import { useNews } from "./news";
import { Filters } from "./parts/filters";
import { Found } from "./parts/found";
import { KeepButton } from "./parts/keep-button";
import { type ItemProps, List, type ListHandle } from "./parts/list";
import { Nothing } from "./parts/nothing";
import { SearchField } from "./parts/search-field";
import { Selection } from "./parts/selection";
import { MOST_FOUND, SHOWN, listQuery } from "./queries";
import { USUAL_SORT } from "./sorts";
import { useWords } from "./words";

/** So many are selected at once, not only those that are loaded. */
const ALL = 2000;

export function Memories() {
  const t = useT();
  const shown: MemoryList = useSearch({ from: "/inside/memories" });
  const { sort = USUAL_SORT, ...filters } = shown;
  const navigate = useNavigate({ from: "/memories" });
  const narrowTo = (next: MemoryList) => void navigate({ search: next, state: true, replace: true });
  const { typed, query, type: setTyped } = useWords(shown);
  const searching = query !== "";

  const list = useInfiniteQuery({ ...listQuery(filters, sort), enabled: !searching });
  const { refetch } = list;
  const { search, best, less, open: unfolded, toggle, rows: foundRows } = useFound(query, filters);
  const listedRows = useMemo(() => list.data?.pages.flatMap((page) => page.rows) ?? [], [list.data]);
  const rows = searching ? foundRows : listedRows;
  const shownRows = useDeferredValue(listedRows);
  const total = list.data?.pages[0]?.total ?? 0;
  const pending = searching ? search.isPending : list.isPending;
  const error = searching ? search.error : list.error;

  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [editing, setEditing] = useState<Edited | "new" | null>(unfinished);
  const [deleting, setDeleting] = useState<string[]>([]);
  const [why, setWhy] = useState(false);
  const [help, setHelp] = useState(false);
  const [narrow, setNarrow] = useState(Object.keys(filters).length > 0);
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
    keep.mutate(ids);
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
  const { move, recover, remove, refresh } = useDeeds(rows, states, () => setSelected(new Set()));
  const open = useOpen((memory) => setEditing(editedOf(memory)));

  useShortcuts(() => {
    const row = handle.current?.active() ?? null;
    const of = selected.size > 0 ? [...selected] : row ? [row.id] : [];
    return {
      "/": () => searchField.current?.focus(),
      n: () => setEditing("new"),
      "?": () => setHelp(true),
      j: () => handle.current?.step(1),
      k: () => handle.current?.step(-1),
      Escape: () => (selected.size > 0 ? setSelected(new Set()) : setTyped("")),
      ...(row ? { x: () => select([row.id], !selected.has(row.id)) } : {}),
      ...(row && !deleted ? { e: () => open.mutate(row.id) } : {}),
      ...(of.length > 0 && deleted ? { r: () => recover(of) } : {}),
      ...(of.length > 0 && held ? { r: () => keepAll(of) } : {}),
      ...(of.length > 0 && !deleted && !held
        ? {
            a: () => move(of, "archived"),
            p: () => move(of, "paused"),
            r: () => move(of, "active"),
          }
        : {}),
      ...(of.length > 0 && !deleted ? { Delete: () => setDeleting(of), "#": () => setDeleting(of) } : {}),
    };
  });

  const unknown = searching && search.data?.reason === "nothing_relevant";
  const counted = !searching
    ? t.memories.count(total)
    : unknown
      ? filtered
        ? t.memories.nothingFiltered
        : t.memories.reason.nothing_relevant
      : best.length >= MOST_FOUND
        ? t.memories.resultsMost(best.length)
        : t.memories.results(best.length);
  // What says the same is one row: where all is loaded, the rows are what there is.
  const partly = !searching && list.hasNextPage;
  const everything = partly && total <= ALL ? total : rows.length;
  const selectAll = async () => {
    let known = rows;
    let more = !searching && total <= ALL && list.hasNextPage;
    while (more) {
      const next = await list.fetchNextPage();
      if (next.isError) return toast(problemOf(t, next.error), { danger: true });
      known = next.data?.pages.flatMap((page) => page.rows) ?? known;
      more = next.hasNextPage;
    }
    select(
      known.map((row) => row.id),
      true,
    );
  };

  const items: ItemProps = {
    selected,
    select,
    why: searching && why,
    changed: !searching && sort.startsWith("updated"),
    edit: (row) => open.mutate(row.id),
    remove: (row) => setDeleting([row.id]),
    move: (row, to) => move([row.id], to),
    recover: deleted ? (row) => recover([row.id]) : null,
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
        <SearchField ref={searchField} typed={typed} type={setTyped} down={() => handle.current?.step(1)} />
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
        {!pending && !error && <span className={cn(unknown && "text-base font-medium text-foreground")}>{counted}</span>}
        {searching && search.data?.degraded && <span className="text-warning">{t.memories.degraded}</span>}
        {searching && rows.length > 0 && (
          <Button variant="link" size="sm" className="h-8 px-0" aria-pressed={why} onClick={() => setWhy(!why)}>
            {why ? t.memories.hideWhy : t.memories.why}
          </Button>
        )}
        {!held && heldBack > 0 && (
          <Link to="/memories" search={{ state: "held" }} className="rounded-md text-warning underline underline-offset-4">
            {t.held.waiting(heldBack)}
          </Link>
        )}
        {!searching && waiting && (
          <Button variant="outline" size="sm" onClick={() => void refresh()}>
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
      ) : searching && best.length + less.length > 0 ? (
        <Found ref={handle} best={best} less={less} open={unfolded} toggle={toggle} {...items} />
      ) : rows.length === 0 ? (
        <Nothing
          why={held && !searching && Object.keys(filters).length === 1 ? "held" : searching || filtered ? "found" : "yet"}
          reason={(searching && search.data?.reason) || null}
          add={() => setEditing("new")}
        />
      ) : (
        <List
          ref={handle}
          label={t.memories.list}
          rows={shownRows}
          total={total}
          more={list.hasNextPage && !list.isFetching && !list.isFetchNextPageError ? () => void list.fetchNextPage() : null}
          {...items}
        />
      )}

      <Selection
        count={selected.size}
        all={() => void selectAll()}
        allLabel={everything < total && partly ? t.memories.selectLoaded(everything) : t.memories.selectAll(everything)}
        clear={() => setSelected(new Set())}
        move={(to) => move([...selected], to)}
        recover={deleted ? () => recover([...selected]) : null}
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
