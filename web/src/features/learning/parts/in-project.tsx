import { useQuery } from "@tanstack/react-query";
import { Suspense, lazy, useMemo } from "react";

import { Loading, Of } from "@/components/states";
import { Card, CardTitle } from "@/components/ui/card";
import { useT } from "@/i18n";
import { feedbackByDay } from "@/lib/activity";
import { useFormat } from "@/lib/format";

import { analyticsQuery } from "../queries";

// The charts come with the pages that show them.
const FeedbackChart = lazy(() => import("@/components/charts").then((charts) => ({ default: charts.FeedbackChart })));

/** How far back the server's trend goes. */
const DAYS = 30;

/** What was said in a project, and of which memories. */
export function InProject({ id }: { id: string }) {
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
