import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, Suspense, lazy, useMemo, useState } from "react";

import { type Seen, useSeen } from "@/api/live";
import { activityQuery, statsQuery } from "@/api/queries";
import { PageTitle } from "@/components/frame";
import { Loading, Of } from "@/components/states";
import { Card, CardTitle } from "@/components/ui/card";
import { Select } from "@/components/ui/field";
import { useT } from "@/i18n";
import type { Catalogue } from "@/i18n/en";
import { byDay, isLook } from "@/lib/activity";
import { appName } from "@/lib/apps";
import { useFormat } from "@/lib/format";

// The charts come with the pages that show them.
const ActivityChart = lazy(() => import("@/components/charts").then((charts) => ({ default: charts.ActivityChart })));
const RecallChart = lazy(() => import("@/components/charts").then((charts) => ({ default: charts.RecallChart })));

export function Dashboard() {
  const t = useT();
  const format = useFormat();
  const [days, setDays] = useState(30);
  const stats = useQuery(statsQuery);
  const activity = useQuery(activityQuery(days));
  const figures = useMemo(() => byDay(activity.data?.activity ?? [], days, new Date()), [activity.data, days]);
  const sum = (name: "written" | "recalled") => figures.reduce((total, day) => total + day[name], 0);
  const byApp = useMemo(() => {
    const apps = new Map<string, number>();
    for (const { app, operation, count } of activity.data?.activity ?? []) {
      if (!isLook(app, operation)) apps.set(app, (apps.get(app) ?? 0) + count);
    }
    return [...apps]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 8)
      .map(([app, count]): [string, number] => [appName(t, app), count]);
  }, [activity.data, t]);
  return (
    <>
      <PageTitle
        title={t.dashboard.title}
        actions={
          <Select className="w-auto" aria-label={t.dashboard.period} value={days} onChange={(event) => setDays(Number(event.target.value))}>
            {[7, 30, 90].map((each) => (
              <option key={each} value={each}>
                {t.dashboard.days(each)}
              </option>
            ))}
          </Select>
        }
      />
      <div className="grid gap-4">
        <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4">
          <Total name={t.dashboard.memories} value={stats.data && format.number(stats.data.total_memories)} to="/memories" />
          <Total name={t.dashboard.apps} value={stats.data && format.number(stats.data.total_apps)} to="/apps" />
          <Total name={t.dashboard.written(days)} value={activity.data && format.number(sum("written"))} />
          <Total name={t.dashboard.recalled(days)} value={activity.data && format.number(sum("recalled"))} />
        </dl>
        <div className="grid gap-4 lg:grid-cols-[1.7fr_1fr]">
          <Card>
            <CardTitle>{t.dashboard.activity}</CardTitle>
            <Of query={activity} height="h-72">
              {() => (
                <Suspense fallback={<Loading className="h-72" />}>
                  <ActivityChart figures={figures} />
                </Suspense>
              )}
            </Of>
          </Card>
          <Recent />
        </div>
        <div className="grid gap-4 lg:grid-cols-3">
          <Card>
            <CardTitle>{t.dashboard.recall}</CardTitle>
            <p className="mt-1 text-sm text-subtle">{t.dashboard.recallHint}</p>
            <Of query={activity} height="h-48">
              {() => (
                <Suspense fallback={<Loading className="h-48" />}>
                  <RecallChart figures={figures} />
                </Suspense>
              )}
            </Of>
          </Card>
          <Card>
            <CardTitle>{t.dashboard.byApp}</CardTitle>
            <Of query={activity} height="h-24">
              {() => <Bars entries={byApp} />}
            </Of>
          </Card>
          <Card>
            <CardTitle>{t.dashboard.byType}</CardTitle>
            <Of query={activity} height="h-24">
              {({ types }) => (
                <Bars entries={types.map(({ memory_type, count }) => [t.memories.types[memory_type] ?? memory_type, count])} />
              )}
            </Of>
          </Card>
        </div>
      </div>
    </>
  );
}

function Total({ name, value, to }: { name: string; value: string | undefined; to?: "/memories" | "/apps" }) {
  return (
    <div className="relative rounded-2xl border bg-surface p-4">
      <dt className="text-sm text-subtle">{name}</dt>
      <dd className="mt-1 text-2xl font-semibold tabular-nums">
        {to ? (
          <Link to={to} className="rounded-sm after:absolute after:inset-0 after:rounded-2xl" aria-label={`${name}: ${value ?? ""}`}>
            {value ?? "…"}
          </Link>
        ) : (
          (value ?? "…")
        )}
      </dd>
    </div>
  );
}

/** Bars that are also figures: no chart is needed to read them. */
function Bars({ entries }: { entries: [string, number][] }) {
  const t = useT();
  const format = useFormat();
  const most = Math.max(1, ...entries.map(([, count]) => count));
  if (entries.length === 0) return <p className="mt-3 text-sm text-subtle">{t.dashboard.noActivity}</p>;
  return (
    <ul className="mt-3 grid gap-2.5 text-sm">
      {entries.map(([name, count]) => (
        <li key={name} className="grid gap-1">
          <span className="flex justify-between gap-3">
            <span className="truncate">{name}</span>
            <span className="text-subtle tabular-nums">{format.number(count)}</span>
          </span>
          <span aria-hidden className="h-1.5 overflow-hidden rounded-full bg-muted">
            <span className="block h-full rounded-full bg-primary" style={{ width: `${Math.max(2, (count / most) * 100)}%` }} />
          </span>
        </li>
      ))}
    </ul>
  );
}

export function describe(t: Catalogue, event: Seen["event"]): string {
  const app = appName(t, event.app);
  if (event.type === "memory.added" && event.state === "held") return t.dashboard.heldBack(app);
  return event.type === "memory.read" ? t.dashboard.event["memory.read"](app, event.memory_ids.length) : t.dashboard.event[event.type](app);
}

function Recent() {
  const t = useT();
  const format = useFormat();
  const seen = useSeen();
  const entry = ({ event }: Seen): ReactNode => {
    const text = describe(t, event);
    const id =
      event.type === "memory.read"
        ? event.memory_ids[0]
        : event.type === "credential.used" || event.type === "memory.deleted"
          ? null
          : event.memory_id;
    return id ? (
      <Link to="/memories/$id" params={{ id }} preload={false} className="rounded-sm hover:underline">
        {text}
      </Link>
    ) : (
      text
    );
  };
  return (
    <Card className="flex flex-col">
      <CardTitle>{t.dashboard.recent}</CardTitle>
      <div aria-live="polite" className="mt-3 min-h-40 flex-1">
        {seen.length === 0 ? (
          <p className="text-sm text-subtle">{t.dashboard.recentEmpty}</p>
        ) : (
          <ol className="grid gap-2 text-sm">
            {seen.slice(0, 10).map((each) => (
              <li key={each.key} className="flex animate-[appear_200ms_ease-out] justify-between gap-3">
                <span className="min-w-0 truncate">{entry(each)}</span>
                <time dateTime={each.event.at} className="shrink-0 text-subtle">
                  {format.ago(each.event.at)}
                </time>
              </li>
            ))}
          </ol>
        )}
      </div>
    </Card>
  );
}
