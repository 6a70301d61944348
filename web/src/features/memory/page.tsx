import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import {
  Archive,
  ArrowLeft,
  Pause,
  Pencil,
  Pin,
  Link2,
  PinOff,
  RotateCcw,
  ThumbsDown,
  ThumbsUp,
  Trash2,
  Undo2,
  Unlink,
} from "lucide-react";
import { type ReactNode, useState } from "react";

import { type Schemas, api, ok } from "@/api/client";
import { useActions } from "@/features/memories/queries";
import { type Memory, projectsQuery } from "@/api/queries";
import { Confirm } from "@/components/confirm";
import { PageTitle } from "@/components/frame";
import { KeepButton, because } from "@/features/memories/parts/held";
import { MemoryEditor, editedOf, unfinished } from "@/features/memory/parts/editor";
import { Empty, Loading, Of, useProblem } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Badge, Card, CardTitle } from "@/components/ui/card";
import { Dialog } from "@/components/ui/dialog";
import { toast } from "@/components/ui/toast";
import { ApiError } from "@/api/error";
import { useT } from "@/i18n";
import { OWN_APP } from "@/lib/activity";
import { appName } from "@/lib/apps";
import { useFormat } from "@/lib/format";
import { toLastList } from "@/lib/lists";

export function MemoryDetail() {
  const t = useT();
  const { id } = useParams({ from: "/inside/memories/$id" });
  const memory = useQuery({
    queryKey: ["memory", id],
    queryFn: () => ok(api.GET("/api/v1/memories/{memory_id}", { params: { path: { memory_id: id } } })),
  });
  const gone = memory.error instanceof ApiError && memory.error.status < 500 && memory.error.status >= 400;
  return (
    <>
      <Link {...toLastList()} className="mb-3 inline-flex items-center gap-1.5 rounded-md text-sm text-subtle hover:text-foreground">
        <ArrowLeft className="size-4" aria-hidden />
        {t.memory.back}
      </Link>
      {gone ? <Gone id={id} /> : <Of query={memory}>{(found) => <Detail memory={found} />}</Of>}
    </>
  );
}

/** Parts of the list of what was deleted that are looked through for one memory. */
const LOOKED = 5;

/** What was deleted can be brought back for a while; of everything else there is nothing to say. */
function Gone({ id }: { id: string }) {
  const t = useT();
  const format = useFormat();
  const problem = useProblem();
  const actions = useActions();
  const client = useQueryClient();
  const deleted = useQuery({
    queryKey: ["memory", id, "deleted"],
    queryFn: async () => {
      let cursor: string | null | undefined;
      for (let part = 0; part < LOOKED && cursor !== null; part++) {
        const body = { states: ["deleted"], limit: 200, ...(cursor ? { cursor } : {}) };
        const { items, next_cursor }: Schemas["MemoryPage"] = await ok(api.POST("/api/v1/memories/filter", { body }));
        const found = items.find((each) => each.id === id);
        if (found) return found;
        cursor = next_cursor ?? null;
      }
      return null;
    },
  });
  const restore = async () => {
    try {
      await actions.recover([id]);
      await client.resetQueries({ queryKey: ["memory", id] });
      toast(t.memories.restored(1));
    } catch (failure) {
      toast(problem(failure), { danger: true });
    }
  };
  if (deleted.isPending) return <Loading />;
  if (!deleted.data) return <Empty title={t.memory.gone} />;
  const { content, deleted_at } = deleted.data;
  return (
    <Empty
      icon={<Trash2 />}
      title={t.memory.deleted(deleted_at ? format.ago(deleted_at) : "")}
      action={
        <div className="flex flex-wrap justify-center gap-2">
          <Button onClick={() => void restore()}>
            <RotateCcw />
            {t.memories.restore}
          </Button>
          <Button asChild variant="outline">
            <Link to="/memories" search={{ state: "deleted" }}>
              {t.memory.deletedAll}
            </Link>
          </Button>
        </div>
      }
    >
      <p>{t.memory.deletedText}</p>
      <p className="memory-text mt-3 line-clamp-6 text-foreground">{content}</p>
    </Empty>
  );
}

function Detail({ memory }: { memory: Memory }) {
  const t = useT();
  const navigate = useNavigate();
  const problem = useProblem();
  const actions = useActions();
  const client = useQueryClient();
  const [editing, setEditing] = useState(() => unfinished() !== null);
  const [deleting, setDeleting] = useState(false);
  const { id, state } = memory;
  const pin = async () => {
    try {
      const params = { path: { memory_id: id }, header: { "If-Match": `"${memory.version}"` } };
      await ok(api.PUT("/api/v1/memories/{memory_id}", { params, body: { pinned: !memory.pinned } }));
    } catch (failure) {
      toast(problem(failure), { danger: true });
    } finally {
      for (const key of ["memory", "listed", "memories"]) void client.invalidateQueries({ queryKey: [key] });
    }
  };
  const move = async (to: "active" | "paused" | "archived") => {
    try {
      await actions.move([id], to, ["active", "paused", "archived"]);
    } catch (failure) {
      toast(problem(failure), { danger: true });
    }
  };
  return (
    <>
      <PageTitle
        title={t.memory.title}
        actions={
          <>
            <Button variant="outline" onClick={() => setEditing(true)}>
              <Pencil />
              {t.common.edit}
            </Button>
            <Button variant="outline" aria-pressed={memory.pinned} onClick={() => void pin()}>
              {memory.pinned ? <PinOff /> : <Pin />}
              {memory.pinned ? t.memory.unpin : t.memory.pin}
            </Button>
            {state !== "active" && state !== "held" && (
              <Button variant="outline" onClick={() => void move("active")}>
                <RotateCcw />
                {t.memories.restore}
              </Button>
            )}
            {state === "active" && (
              <Button variant="outline" onClick={() => void move("paused")}>
                <Pause />
                {t.memories.pause}
              </Button>
            )}
            {state !== "archived" && state !== "held" && (
              <Button variant="outline" onClick={() => void move("archived")}>
                <Archive />
                {t.memories.archive}
              </Button>
            )}
            <Button variant="danger-outline" onClick={() => setDeleting(true)}>
              <Trash2 />
              {t.memories.delete}
            </Button>
          </>
        }
      />
      <div className="grid gap-4 lg:grid-cols-[1.6fr_1fr]">
        <div className="grid content-start gap-4">
          {state === "held" && (
            <div className="flex flex-wrap items-center gap-3 rounded-2xl bg-warning-soft px-4 py-3 text-sm text-warning">
              <p className="min-w-60 flex-1">{t.held.toast(because(t, memory.held_for))}</p>
              <KeepButton ids={[id]} className="text-foreground" />
            </div>
          )}
          <Card>
            <p className="memory-text text-lg leading-relaxed" data-testid="memory-text">
              {memory.content}
            </p>
            {(memory.tags.length > 0 || memory.flags.length > 0 || memory.pinned || state !== "active") && (
              <p className="mt-4 flex flex-wrap gap-1.5">
                {state !== "active" && <Badge tone="warning">{t.memories.states[state] ?? state}</Badge>}
                {memory.pinned && <Badge tone="accent">{t.memories.pinned}</Badge>}
                {memory.flags.map((flag) => (
                  <Badge key={flag} tone="warning">
                    {t.memories.flags[flag] ?? flag}
                  </Badge>
                ))}
                {memory.tags.map((tag) => (
                  <Link key={tag} to="/memories" search={{ tag }} className="rounded-md">
                    <Badge tone="accent">{tag}</Badge>
                  </Link>
                ))}
              </p>
            )}
            <Worth memory={memory} />
          </Card>
          <Source memory={memory} />
          <Said id={id} />
          <Links text={memory.content} />
          <History memory={memory} />
          <Related id={id} />
        </div>
        <div className="grid content-start gap-4">
          <Provenance memory={memory} />
          <AccessLog id={id} />
        </div>
      </div>
      <Dialog open={editing} onOpenChange={setEditing}>
        {editing && <MemoryEditor memory={editedOf(memory)} saved={() => setEditing(false)} />}
      </Dialog>
      <Confirm
        open={deleting}
        onOpenChange={setDeleting}
        title={t.memories.deleteTitle(1)}
        action={t.memories.delete}
        run={async () => {
          await actions.remove([id]);
          toast(t.memories.deleted(1), { action: { label: t.common.undo, run: () => void actions.recover([id]) } });
          await navigate(toLastList());
        }}
      >
        {t.memories.deleteText} {t.memories.deleteUndo}
      </Confirm>
    </>
  );
}

/** What it was taken from, where nobody said it in these words. */
function Source({ memory }: { memory: Memory }) {
  const t = useT();
  const { source } = memory;
  if (!source) return null;
  const { quote, session_id: session, message } = source;
  return (
    <Card>
      <CardTitle>{t.memory.source}</CardTitle>
      <p className="mt-1 text-sm text-subtle">{quote ? t.memory.sourceText : t.memory.sourceNone}</p>
      {quote && <blockquote className="memory-text mt-2 border-l-2 pl-3">{quote}</blockquote>}
      {(session || typeof message === "number") && (
        <p className="mt-2 flex flex-wrap gap-x-3 text-sm text-subtle">
          {session && (
            <Link to="/memories" search={{ session }} className="text-primary underline underline-offset-4">
              {t.memory.sameConversation}
            </Link>
          )}
          {typeof message === "number" && t.memory.message(String(message + 1))}
        </p>
      )}
    </Card>
  );
}

function Provenance({ memory }: { memory: Memory }) {
  const t = useT();
  const format = useFormat();
  const projects = useQuery(projectsQuery);
  const project = projects.data?.find((each) => each.id === memory.project_id);
  const metadata = JSON.stringify(memory.metadata_, null, 2);
  const facts: [string, ReactNode][] = [
    [
      t.memory.app,
      <Link key="app" to="/apps/$id" params={{ id: memory.app_id }} className="text-primary underline underline-offset-4">
        {appName(t, memory.app_name)}
      </Link>,
    ],
    [
      t.memory.project,
      project && (
        <Link key="project" to="/memories" search={{ project: project.id }} className="text-primary underline underline-offset-4">
          {project.name}
        </Link>
      ),
    ],
    [t.memory.type, t.memories.types[memory.memory_type] ?? memory.memory_type],
    [t.memory.speaker, memory.speaker],
    [t.memory.happened, memory.occurred_at && format.happened(memory.occurred_at)],
    [t.memory.added, format.full(memory.created_at)],
    [t.memory.changed, memory.updated_at !== memory.created_at && format.full(memory.updated_at)],
    [
      t.memory.session,
      memory.session_id && (
        <Link key="session" to="/memories" search={{ session: memory.session_id }} className="text-primary underline underline-offset-4">
          {t.memory.sameConversation}
        </Link>
      ),
    ],
    [t.memories.ends, memory.expires_at && format.day(memory.expires_at)],
    [
      t.memory.supersededBy,
      memory.superseded_by && (
        <Link
          key="superseded"
          to="/memories/$id"
          params={{ id: memory.superseded_by }}
          className="text-primary underline underline-offset-4"
        >
          {t.memory.supersededOpen}
        </Link>
      ),
    ],
    [t.memory.confidence, memory.confidence < 1 && format.percent(memory.confidence)],
    [t.memory.strength, format.percent(memory.strength)],
    [t.memory.trust, memory.trust < 1 && format.percent(memory.trust)],
    [t.memory.version, memory.version],
  ];
  return (
    <Card>
      <CardTitle>{t.memory.provenance}</CardTitle>
      <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-2 text-sm">
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-subtle">{name}</dt>
              <dd className="min-w-0 break-words">{value}</dd>
            </div>
          ))}
      </dl>
      {metadata !== "{}" && (
        <details className="mt-3 text-sm">
          <summary className="font-medium">{t.memory.metadata}</summary>
          <pre tabIndex={0} className="mt-2 max-h-60 overflow-auto rounded-xl bg-muted p-3 font-mono text-xs whitespace-pre-wrap break-all">
            {metadata}
          </pre>
        </details>
      )}
    </Card>
  );
}

function History({ memory }: { memory: Memory }) {
  const t = useT();
  const format = useFormat();
  const client = useQueryClient();
  const problem = useProblem();
  const [busy, setBusy] = useState(false);
  const history = useQuery({
    queryKey: ["memory", memory.id, "history"],
    queryFn: async () =>
      (await ok(api.GET("/api/v1/memories/{memory_id}/history", { params: { path: { memory_id: memory.id } } }))).history,
  });
  const undo = async (step: Schemas["HistoryStep"]) => {
    setBusy(true);
    try {
      const params = { path: { memory_id: memory.id }, header: { "If-Match": `"${memory.version}"` } };
      await ok(api.POST("/api/v1/memories/{memory_id}/undo", { params, body: { version: step.version } }));
      toast(t.memory.undone);
    } catch (failure) {
      toast(problem(failure), { danger: true });
    } finally {
      for (const key of ["memory", "listed", "memories", "stats"]) void client.invalidateQueries({ queryKey: [key] });
      setBusy(false);
    }
  };
  return (
    <Card>
      <CardTitle>{t.memory.history}</CardTitle>
      <div className="mt-3">
        <Of query={history} height="h-24">
          {(steps) => (
            <ol className="grid gap-4 border-l-2 pl-4">
              {steps.toReversed().map((step, index) => (
                <li key={step.version} className="relative">
                  <span
                    aria-hidden
                    className={`absolute top-1.5 -left-[1.37rem] size-2.5 rounded-full ${index === 0 ? "bg-primary" : "bg-control"}`}
                  />
                  <div className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
                    <span className="font-medium">{t.memory.events[step.event] ?? step.event}</span>
                    {step.event === "state_changed" && <Badge tone="warning">{t.memories.states[step.state] ?? step.state}</Badge>}
                    <span className="text-subtle">
                      {t.memories.by(appName(t, step.app_name))} · {format.ago(step.changed_at)}
                    </span>
                    {index === 0 ? (
                      <Badge tone="accent">{t.memory.current}</Badge>
                    ) : (
                      <Button size="sm" variant="outline" className="ml-auto" disabled={busy} onClick={() => void undo(step)}>
                        <Undo2 />
                        {t.memory.undo}
                      </Button>
                    )}
                  </div>
                  {step.memory !== steps[steps.indexOf(step) - 1]?.memory && (
                    <p className="memory-text mt-1 text-sm text-subtle">{step.memory}</p>
                  )}
                </li>
              ))}
            </ol>
          )}
        </Of>
      </div>
    </Card>
  );
}

/** Readings by clients that are shown before all of them are asked for. */
const SHOWN = 10;

function AccessLog({ id }: { id: string }) {
  const t = useT();
  const format = useFormat();
  const [page, setPage] = useState(1);
  const [all, setAll] = useState(false);
  const size = 100;
  const log = useQuery({
    queryKey: ["memory", id, "log", page],
    queryFn: () =>
      ok(api.GET("/api/v1/memories/{memory_id}/access-log", { params: { path: { memory_id: id }, query: { page, page_size: size } } })),
    placeholderData: (before) => before,
  });
  return (
    <Card>
      <CardTitle>{t.memory.log}</CardTitle>
      <div className="mt-3">
        <Of query={log} height="h-24">
          {({ logs, total }) => {
            const clients = logs.filter((entry) => entry.app_name !== OWN_APP);
            // The reader has looked, to read this: that is told once, not in the way of the others.
            const own = logs.filter((entry) => entry.app_name === OWN_APP);
            return (
              <>
                {clients.length === 0 && <p className="mb-2 text-sm text-subtle">{t.memory.logEmpty}</p>}
                <ul className="grid gap-2 text-sm">
                  {(all ? clients : clients.slice(0, SHOWN)).map((entry) => (
                    <li key={entry.id} className="flex flex-wrap items-baseline gap-x-2">
                      <span className="font-medium">{appName(t, entry.app_name)}</span>
                      <span className="text-subtle">
                        {t.memory.access[entry.access_type] ?? entry.access_type}
                        {entry.count > 1 && ` ${t.memory.times(entry.count)}`}
                      </span>
                      <time className="ml-auto text-subtle" dateTime={entry.accessed_at} title={format.full(entry.accessed_at)}>
                        {format.ago(entry.accessed_at)}
                      </time>
                    </li>
                  ))}
                  {own.length > 0 && (
                    <li className="text-subtle">
                      {t.memory.you}, {t.memory.times(own.reduce((sum, entry) => sum + entry.count, 0))}
                    </li>
                  )}
                </ul>
                {!all && clients.length > SHOWN && (
                  <Button size="sm" variant="link" className="mt-1 px-0" onClick={() => setAll(true)}>
                    {t.memory.logAll(clients.length)}
                  </Button>
                )}
                {total > size && (
                  <div className="mt-3 flex justify-between">
                    <Button size="sm" variant="outline" disabled={page === 1} onClick={() => setPage(page - 1)}>
                      {t.common.previous}
                    </Button>
                    <Button size="sm" variant="outline" disabled={page * size >= total} onClick={() => setPage(page + 1)}>
                      {t.common.next}
                    </Button>
                  </div>
                )}
              </>
            );
          }}
        </Of>
      </div>
    </Card>
  );
}

/** What somebody linked with it, and what is like it. */
function Related({ id }: { id: string }) {
  const t = useT();
  const client = useQueryClient();
  const problem = useProblem();
  const related = useQuery({
    queryKey: ["memory", id, "related"],
    queryFn: async () => (await ok(api.GET("/api/v1/memories/{memory_id}/related", { params: { path: { memory_id: id } } }))).items,
  });
  const link = async (other: string, linked: boolean) => {
    const params = { path: { memory_id: id, other_id: other } };
    try {
      await ok(
        linked
          ? api.DELETE("/api/v1/memories/{memory_id}/links/{other_id}", { params })
          : api.POST("/api/v1/memories/{memory_id}/links/{other_id}", { params }),
      );
    } catch (failure) {
      toast(problem(failure), { danger: true });
    } finally {
      void client.invalidateQueries({ queryKey: ["memory", id, "related"] });
    }
  };
  return (
    <Card>
      <CardTitle>{t.memory.related}</CardTitle>
      <div className="mt-3">
        <Of query={related} height="h-24">
          {(items) =>
            items.length === 0 ? (
              <p className="text-sm text-subtle">{t.memory.relatedEmpty}</p>
            ) : (
              <ul className="grid gap-1">
                {items.map((item) => (
                  <li key={item.id} className="-mx-2 flex items-start gap-2 rounded-lg px-2 py-1 hover:bg-muted">
                    <Link to="/memories/$id" params={{ id: item.id }} preload={false} className="min-w-0 flex-1 rounded-sm py-1 text-sm">
                      <span className="memory-text line-clamp-2">{item.content}</span>
                    </Link>
                    {item.linked && <Badge tone="accent">{t.memory.linked}</Badge>}
                    <Button
                      variant="ghost"
                      size="icon"
                      className="size-7"
                      aria-label={`${item.linked ? t.memory.unlink : t.memory.link}: ${item.content.slice(0, 60)}`}
                      onClick={() => void link(item.id, item.linked)}
                    >
                      {item.linked ? <Unlink /> : <Link2 />}
                    </Button>
                  </li>
                ))}
              </ul>
            )
          }
        </Of>
      </div>
    </Card>
  );
}

/** Says what the memory is worth: that moves its place in searches. */
function Worth({ memory }: { memory: Memory }) {
  const t = useT();
  const client = useQueryClient();
  const problem = useProblem();
  const [busy, setBusy] = useState(false);
  const stale = () => {
    for (const key of ["memory", "memories", "learning"]) void client.invalidateQueries({ queryKey: [key] });
  };
  const takeBack = async (event: string) => {
    try {
      await ok(api.DELETE("/api/v1/learning/feedback/{event_id}", { params: { path: { event_id: event } } }));
      stale();
    } catch (failure) {
      toast(problem(failure), { danger: true });
    }
  };
  const say = async (feedback: "POSITIVE" | "NEGATIVE") => {
    setBusy(true);
    try {
      const said = await ok(api.POST("/api/v1/learning/feedback", { body: { memory_id: memory.id, feedback } }));
      toast(t.memory.thanks, { action: { label: t.common.undo, run: () => void takeBack(said.id) } });
      stale();
    } catch (failure) {
      toast(problem(failure), { danger: true });
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="mt-4 flex flex-wrap items-center gap-2 border-t pt-3 text-sm text-subtle">
      <span className="mr-auto">{t.memory.worth}</span>
      <Button size="sm" variant="outline" disabled={busy} onClick={() => void say("POSITIVE")}>
        <ThumbsUp />
        {t.memory.useful}
      </Button>
      <Button size="sm" variant="outline" disabled={busy} onClick={() => void say("NEGATIVE")}>
        <ThumbsDown />
        {t.memory.useless}
      </Button>
    </div>
  );
}

/** What clients and people said that the memory was worth, as far as it stands; each can be taken back. */
function Said({ id }: { id: string }) {
  const t = useT();
  const format = useFormat();
  const client = useQueryClient();
  const problem = useProblem();
  const said = useQuery({
    queryKey: ["memory", id, "feedback"],
    queryFn: async () => (await ok(api.GET("/api/v1/memories/{memory_id}/feedback", { params: { path: { memory_id: id } } }))).feedback,
  });
  const reverted = new Set(said.data?.map(({ reverts }) => reverts));
  const standing = said.data?.filter((each) => !each.reverts && !reverted.has(each.id)).toReversed() ?? [];
  const takeBack = async (event: string) => {
    try {
      await ok(api.DELETE("/api/v1/learning/feedback/{event_id}", { params: { path: { event_id: event } } }));
    } catch (failure) {
      toast(problem(failure), { danger: true });
    } finally {
      for (const key of ["memory", "memories", "learning"]) void client.invalidateQueries({ queryKey: [key] });
    }
  };
  if (standing.length === 0) return null;
  return (
    <Card>
      <CardTitle>{t.learning.saidTitle}</CardTitle>
      <ul className="mt-3 grid gap-3 text-sm">
        {standing.map((each) => (
          <li key={each.id} className="flex items-start gap-3">
            <div className="min-w-0 flex-1">
              <p>{t.learning.said[each.feedback] ?? each.feedback}</p>
              <p className="memory-text text-subtle">
                {[appName(t, each.app_name), format.ago(each.created_at), ...(each.query ? [t.learning.asked(each.query)] : [])].join(
                  " · ",
                )}
              </p>
            </div>
            <Button
              size="sm"
              variant="outline"
              aria-label={`${t.learning.takeBack}: ${t.learning.said[each.feedback] ?? each.feedback}`}
              onClick={() => void takeBack(each.id)}
            >
              <Undo2 />
              {t.learning.takeBack}
            </Button>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Addresses in the text, as text: whoever wrote the memory chose where they lead. */
function Links({ text }: { text: string }) {
  const t = useT();
  const links = [...new Set(text.match(/\bhttps?:\/\/[^\s<>"')\]]+/g) ?? [])];
  if (links.length === 0) return null;
  return (
    <Card>
      <CardTitle>{t.memory.links}</CardTitle>
      <p className="mt-1 text-sm text-subtle">{t.memory.linksHint}</p>
      <ul className="mt-2 grid gap-1 font-mono text-xs break-all">
        {links.map((link) => (
          <li key={link}>{link}</li>
        ))}
      </ul>
    </Card>
  );
}
