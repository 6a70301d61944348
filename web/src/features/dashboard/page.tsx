import { useQuery } from "@tanstack/react-query";
import { Suspense, lazy, useMemo, useState } from "react";

import { Bars } from "@/components/bars";
import { PageTitle } from "@/components/frame";
import { Loading, Of } from "@/components/states";
import { Card, CardTitle } from "@/components/ui/card";
import { Select } from "@/components/ui/field";
import { useT } from "@/i18n";
import { byDay, isLook } from "@/lib/activity";
import { appName } from "@/lib/apps";
import { useFormat } from "@/lib/format";

import { Total } from "./parts/figures";
import { Recent } from "./parts/recent";
import { activityQuery, statsQuery } from "./queries";

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
              {() => <Bars entries={byApp} empty={t.dashboard.noActivity} />}
            </Of>
          </Card>
          <Card>
            <CardTitle>{t.dashboard.byType}</CardTitle>
            <Of query={activity} height="h-24">
              {({ types }) => (
                <Bars
                  entries={types.map(({ memory_type, count }) => [t.memories.types[memory_type] ?? memory_type, count])}
                  empty={t.dashboard.noActivity}
                />
              )}
            </Of>
          </Card>
        </div>
      </div>
    </>
  );
}
