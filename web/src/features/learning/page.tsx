import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Archive, Check, GraduationCap, Hourglass, RotateCcw } from "lucide-react";
import { type ReactNode, Suspense, lazy, useId, useMemo, useState } from "react";

import { type Schemas, api, ok } from "@/api/client";
import { useActions } from "@/features/memories/queries";
import { analyticsQuery, fadingQuery, policyQuery, projectsQuery } from "@/api/queries";
import { PageTitle } from "@/components/frame";
import { Empty, Loading, Of, useProblem } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Badge, Card, CardTitle } from "@/components/ui/card";
import { Select } from "@/components/ui/field";
import { toast } from "@/components/ui/toast";
import { useT } from "@/i18n";
import { feedbackByDay } from "@/lib/activity";
import { useFormat } from "@/lib/format";

// The charts come with the pages that show them.
const FeedbackChart = lazy(() => import("@/components/charts").then((charts) => ({ default: charts.FeedbackChart })));

/** Fewer rated searches switch nothing on: LEAST_QUERIES in src/memory/learning/policy.rs. */
const LEAST = 20;
/** How far back the server's trend goes. */
const DAYS = 30;

/** What the service learned of use: seen here, and taken back here. */
export function Learning() {
  const t = useT();
  const projects = useQuery(projectsQuery);
  const [chosen, setChosen] = useState<string | null>(null);
  const project =
    projects.data?.find(({ id }) => id === chosen) ?? projects.data?.find(({ is_default }) => is_default) ?? projects.data?.[0];
  return (
    <>
      <PageTitle
        title={t.learning.title}
        lead={t.learning.lead}
        actions={
          <Select
            className="w-auto max-w-60 min-w-36"
            aria-label={t.memory.project}
            value={project?.id ?? ""}
            onChange={(event) => setChosen(event.target.value)}
          >
            {projects.data?.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
        }
      />
      <div className="grid gap-4">
        <Of query={projects} height="h-80">
          {() => project && <InProject id={project.id} />}
        </Of>
        <div className="grid items-start gap-4 lg:grid-cols-[1.7fr_1fr]">
          <Fading />
          <Ranking />
        </div>
      </div>
    </>
  );
}

function InProject({ id }: { id: string }) {
  const t = useT();
  const format = useFormat();
  const analytics = useQuery(analyticsQuery(id));
  const figures = useMemo(() => feedbackByDay(analytics.data?.learning_trend ?? [], DAYS, new Date()), [analytics.data]);
  const { learning } = t;
  return (
    <Of query={analytics} height="h-80">
      {({ memory_statistics, feedback_statistics, learning_trend }) => (
        <div className="grid gap-4 lg:grid-cols-3">
          <Card>
            <CardTitle>{learning.kinds}</CardTitle>
            <Counted
              empty={learning.kindsEmpty}
              entries={memory_statistics.map((kind) => ({
                name: t.memories.types[kind.memory_type] ?? kind.memory_type,
                count: kind.count,
                hints: [
                  learning.strength(format.percent(kind.avg_strength), format.mean(kind.avg_access_count)),
                  learning.since(format.day(kind.first_memory), format.day(kind.last_memory)),
                ],
              }))}
            />
          </Card>
          <Card>
            <CardTitle>{learning.feedback}</CardTitle>
            <Counted
              empty={learning.feedbackEmpty}
              entries={feedback_statistics.map((said) => ({
                name: learning.said[said.feedback_type] ?? said.feedback_type,
                count: said.count,
                hints: [learning.confidence(format.percent(said.avg_confidence))],
              }))}
            />
          </Card>
          <Card>
            <CardTitle>{learning.trend.title}</CardTitle>
            {learning_trend.length === 0 ? (
              <p className="mt-3 text-sm text-subtle">{learning.trend.empty}</p>
            ) : (
              <>
                <p className="mt-1 text-sm text-subtle">{learning.trend.text}</p>
                <Suspense fallback={<Loading className="mt-4 h-48" />}>
                  <FeedbackChart figures={figures} />
                </Suspense>
              </>
            )}
          </Card>
        </div>
      )}
    </Of>
  );
}

/** What there is most of comes first. */
function Counted({ entries, empty }: { entries: { name: string; count: number; hints: string[] }[]; empty: string }) {
  const format = useFormat();
  if (entries.length === 0) return <p className="mt-3 text-sm text-subtle">{empty}</p>;
  return (
    <dl className="mt-3 grid gap-3 text-sm">
      {entries
        .toSorted((a, b) => b.count - a.count)
        .map(({ name, count, hints }) => (
          <div key={name}>
            <dt className="flex justify-between gap-3">
              {name}
              <span className="font-medium tabular-nums">{format.number(count)}</span>
            </dt>
            {hints.map((hint) => (
              <dd key={hint} className="text-subtle">
                {hint}
              </dd>
            ))}
          </div>
        ))}
    </dl>
  );
}

function Fading() {
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
  const client = useQueryClient();
  const problem = useProblem();
  const actions = useActions();
  const [busy, setBusy] = useState(false);
  const [note, setNote] = useState("");
  /** The feedback that says that it is still true, while it stands. */
  const [said, setSaid] = useState<string | null>(null);
  const texts = t.learning.fading;
  const [left, full] = [format.percent(effective_strength), format.percent(strength)];
  const run = async (work: () => Promise<unknown>) => {
    if (busy) return;
    setBusy(true);
    try {
      await work();
    } catch (failure) {
      toast(problem(failure), { danger: true });
    } finally {
      setBusy(false);
    }
  };
  // Not the list itself: the row stays while the page is open, so that it can be taken back.
  const stale = () =>
    Promise.all([["learning", "analytics"], ["memory"], ["memories"]].map((queryKey) => client.invalidateQueries({ queryKey })));
  const confirm = async () => {
    const { id } = await ok(api.POST("/api/v1/learning/feedback", { body: { memory_id: memory.id, feedback: "CONFIRMATION" } }));
    setSaid(id);
    setNote(texts.confirmed);
    await stale();
  };
  const takeBack = async (id: string) => {
    await ok(api.DELETE("/api/v1/learning/feedback/{event_id}", { params: { path: { event_id: id } } }));
    setSaid(null);
    setNote(texts.takenBack);
    await stale();
  };
  const move = (to: "archived" | "active") => actions.move([memory.id], to, ["active", "paused", "archived"]);
  const archive = async () => {
    const moved = await move("archived");
    toast(t.memories.archived(moved.length), { action: { label: t.common.undo, run: () => void run(() => move("active")) } });
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
            onClick={() => void run(() => (said === null ? confirm() : takeBack(said)))}
          >
            {said === null ? <Check /> : <RotateCcw />}
            {still}
          </Button>
          <Button
            size="sm"
            variant="outline"
            aria-label={`${t.memories.archive}: ${about}`}
            aria-disabled={busy}
            onClick={() => void run(archive)}
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

function Ranking() {
  const t = useT();
  const client = useQueryClient();
  const problem = useProblem();
  const [busy, setBusy] = useState(false);
  const hint = useId();
  const policy = useQuery(policyQuery);
  const texts = t.learning.ranking;
  const learn = async () => {
    setBusy(true);
    try {
      client.setQueryData(policyQuery.queryKey, await ok(api.POST("/api/v1/learning/policy")));
      // Searches may stand in another order now.
      void client.invalidateQueries({ queryKey: ["memories"] });
    } catch (failure) {
      toast(problem(failure), { danger: true });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Card>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <CardTitle>{texts.title}</CardTitle>
        {policy.data && <Badge tone={policy.data.switched_on ? "accent" : "plain"}>{policy.data.switched_on ? texts.on : texts.off}</Badge>}
      </div>
      <p className="mt-1 text-sm text-subtle">{texts.text}</p>
      <Of query={policy} height="h-40">
        {(found) => <Outcome found={found} />}
      </Of>
      <Button className="mt-4" variant="outline" disabled={busy} aria-describedby={hint} onClick={() => void learn()}>
        <GraduationCap />
        {busy ? texts.learning : texts.learn}
      </Button>
      <p id={hint} className="mt-2 text-sm text-subtle">
        {texts.hint}
      </p>
    </Card>
  );
}

/** What the last trial found, in plain words, with its figures. */
function Outcome({ found }: { found: Schemas["PolicyOut"] }) {
  const t = useT();
  const format = useFormat();
  const texts = t.learning.ranking;
  const { n, fixed, learned, best, switched_on, evaluated_at } = found;
  const verdict = !evaluated_at
    ? texts.never
    : switched_on
      ? texts.gain
      : n === 0
        ? texts.none
        : n < LEAST
          ? texts.few(n, LEAST)
          : texts.noGain;
  const percent = (part: number | null | undefined) => format.percent(part ?? 0);
  const facts: [string, ReactNode][] = [
    [texts.rated, format.number(n)],
    [texts.before, percent(fixed)],
    [texts.after, percent(learned)],
    [texts.best, texts.weights(percent(best), percent(1 - (best ?? 0)))],
    [texts.tried, evaluated_at && format.full(evaluated_at)],
  ];
  return (
    <>
      <p role="status" className="mt-4 text-sm">
        {verdict}
      </p>
      {evaluated_at && n > 0 && (
        <>
          <dl className="mt-3 grid gap-1.5 text-sm">
            {facts.map(([name, value]) => (
              <div key={name} className="flex flex-wrap justify-between gap-x-4">
                <dt className="text-subtle">{name}</dt>
                <dd className="tabular-nums">{value}</dd>
              </div>
            ))}
          </dl>
          <p className="mt-2 text-xs text-subtle">{texts.quality}</p>
        </>
      )}
    </>
  );
}
