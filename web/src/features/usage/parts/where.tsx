import { Suspense, lazy, useMemo, useState } from "react";

import { Bars } from "@/components/bars";
import { Loading } from "@/components/states";
import { Card, CardTitle } from "@/components/ui/card";
import { Select } from "@/components/ui/field";
import { useT } from "@/i18n";
import { appName } from "@/lib/apps";
import { nameOf } from "@/lib/clients";

import type { Meter, Report } from "../queries";
import { METERS, byDay, shares } from "../spent";
import { useTexts } from "../texts";

// The charts come with the pages that show them.
const DayChart = lazy(() => import("@/components/charts").then((charts) => ({ default: charts.DayChart })));

/** Rows of one breakdown. */
const MOST = 6;

/** What the use of a month went to: by day, and by who used it. */
export function Where({ report: { days, month } }: { report: Report }) {
  const t = useT();
  const words = useTexts();
  const [meter, setMeter] = useState<Meter>("adds");
  const figures = useMemo(() => byDay(days, meter, month), [days, meter, month]);
  const parts = useMemo(() => {
    const models = shares(days, meter, ({ model }) => model).filter(([model]) => model !== "");
    return [
      [words.byApp, shares(days, meter, ({ app }) => appName(t, app))],
      [words.byKey, shares(days, meter, ({ key }) => (key ? nameOf(key) : words.noKey))],
      ...(models.length > 0 ? [[words.byModel, models] satisfies Part] : []),
    ] satisfies Part[];
  }, [days, meter, t, words]);
  const name = words.names[meter];
  return (
    <Card>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <CardTitle>{words.where}</CardTitle>
        <Select className="w-auto" aria-label={words.what} value={meter} onChange={(event) => setMeter(event.target.value as Meter)}>
          {METERS.map((each) => (
            <option key={each} value={each}>
              {words.names[each]}
            </option>
          ))}
        </Select>
      </div>
      <div className="mt-4 grid gap-x-8 gap-y-6 lg:grid-cols-[1.7fr_1fr]">
        <div className="min-w-0">
          <h3 className="text-sm font-medium">{words.byDay(name)}</h3>
          <Suspense fallback={<Loading className="mt-4 h-56" />}>
            <DayChart figures={figures} name={name} empty={words.nothing} />
          </Suspense>
        </div>
        <div className="grid content-start gap-6 sm:grid-cols-2 lg:grid-cols-1">
          {parts.map(([title, entries]) => (
            <div key={title} className="min-w-0">
              <h3 className="text-sm font-medium">{title}</h3>
              <Bars entries={entries.slice(0, MOST)} empty={words.nothing} />
            </div>
          ))}
        </div>
      </div>
    </Card>
  );
}

type Part = [string, [string, number][]];
