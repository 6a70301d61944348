import { GridRows } from "@visx/grid";
import { Group } from "@visx/group";
import { useParentSize } from "@visx/responsive";
import { scaleBand, scaleLinear } from "@visx/scale";
import { AreaClosed, BarStack, LinePath } from "@visx/shape";
import { type PointerEvent, type ReactNode, useEffect, useState } from "react";

import { useT } from "@/i18n";
import { type DayFigures, type FeedbackDay, SERIES, type Series } from "@/lib/activity";
import { useFormat } from "@/lib/format";

const COLOURS: Record<Series, string> = {
  written: "var(--chart-1)",
  changed: "var(--chart-2)",
  deleted: "var(--chart-4)",
  read: "var(--chart-3)",
};
/** Room around the picture for its labels, in pixels. */
const ROOM = { top: 8, right: 16, bottom: 24 };
/** What one date below the picture and one digit beside it take. */
const DATE = 56;
const DIGIT = 7.5;

/** One figure of a day. */
interface Figure<Day> {
  name: string;
  of: (day: Day) => number;
}
type Shown<Day> = Figure<Day> & { colour: string };
type Column<Day> = Figure<Day> & { written: (value: number) => string };

/** Month and day; the year says nothing in so short a time. */
const short = (date: string) => date.slice(5).replace("-", "/");

export function ActivityChart({ figures }: { figures: DayFigures[] }) {
  const t = useT();
  const format = useFormat();
  const shown = SERIES.map((series) => ({
    name: t.dashboard.series[series],
    colour: COLOURS[series],
    of: (day: DayFigures) => day[series],
  }));
  return (
    <>
      <div className="mt-4 flex h-72 flex-col gap-2" aria-hidden>
        <Columns days={figures} shown={shown} />
        <ul className="flex flex-wrap justify-center gap-x-4 gap-y-1 text-xs">
          {shown.map((each) => (
            <Entry key={each.name} {...each} />
          ))}
        </ul>
      </div>
      <Figures days={figures} columns={shown.map((each) => ({ ...each, written: format.number }))} empty={t.dashboard.noActivity} />
    </>
  );
}

export function RecallChart({ figures }: { figures: DayFigures[] }) {
  const t = useT();
  const shown = { name: t.dashboard.recall, colour: "var(--chart-3)", of: (day: DayFigures) => day.recalled };
  return (
    <div className="mt-4 flex h-48 flex-col" aria-hidden>
      <Plot days={figures} shown={[shown]}>
        {({ x, y }) => {
          const line = { data: figures, x: (day: DayFigures) => middle(x, day), y: (day: DayFigures) => y(shown.of(day)) };
          return (
            <>
              <AreaClosed {...line} yScale={y} fill={shown.colour} fillOpacity={0.18} />
              <LinePath {...line} stroke={shown.colour} strokeWidth={2} strokeLinejoin="round" />
            </>
          );
        }}
      </Plot>
    </div>
  );
}

export function FeedbackChart({ figures }: { figures: FeedbackDay[] }) {
  const t = useT();
  const format = useFormat();
  const { trend } = t.learning;
  const count = { name: trend.events, colour: "var(--chart-1)", of: (day: FeedbackDay) => day.events };
  return (
    <>
      <div className="mt-4 flex h-48 flex-col" aria-hidden>
        <Columns days={figures} shown={[count]} />
      </div>
      <Figures
        days={figures}
        columns={[
          { ...count, written: format.number },
          { name: trend.confidence, of: (day) => day.confidence, written: format.percent },
        ]}
        empty={trend.empty}
      />
    </>
  );
}

/** One figure of each day, whatever it counts. */
export function DayChart({ figures, name, empty }: { figures: { date: string; quantity: number }[]; name: string; empty: string }) {
  const format = useFormat();
  const shown = { name, colour: "var(--chart-1)", of: (day: { quantity: number }) => day.quantity };
  return (
    <>
      <div className="mt-4 flex h-56 flex-col" aria-hidden>
        <Columns days={figures} shown={[shown]} />
      </div>
      <Figures days={figures} columns={[{ ...shown, written: format.number }]} empty={empty} />
    </>
  );
}

/** Columns of one day each, its figures one upon the other. */
function Columns<Day extends { date: string }>({ days, shown }: { days: Day[]; shown: Shown<Day>[] }) {
  return (
    <Plot days={days} shown={shown}>
      {({ x, y }) => (
        <BarStack<Day, number, typeof x, typeof y>
          data={days}
          keys={shown.map((_, index) => index)}
          value={(day, index) => shown[index]?.of(day) ?? 0}
          color={(index) => shown[index]?.colour ?? ""}
          x={(day) => day.date}
          xScale={x}
          yScale={y}
        />
      )}
    </Plot>
  );
}

const scales = (dates: string[], most: number, width: number, height: number) => ({
  x: scaleBand({ domain: dates, range: [0, width], padding: 0.2 }),
  y: scaleLinear({ domain: [0, Math.max(1, most)], range: [height, 0], nice: 4 }),
});
type Scales = ReturnType<typeof scales>;

const middle = (x: Scales["x"], { date }: { date: string }) => (x(date) ?? 0) + x.bandwidth() / 2;

/** Axes, and what the pointer or a finger is at, around whatever shows the figures. Fills what it lies in. */
function Plot<Day extends { date: string }>({
  days,
  shown,
  children,
}: {
  days: Day[];
  shown: Shown<Day>[];
  children: (scales: Scales) => ReactNode;
}) {
  const format = useFormat();
  const { parentRef, width, height } = useParentSize({ debounceTime: 0 });
  const [at, setAt] = usePointed();
  const dates = days.map(({ date }) => date);
  const most = Math.max(0, ...days.map((day) => shown.reduce((sum, { of }) => sum + of(day), 0)));
  const inner = height - ROOM.top - ROOM.bottom;
  // The widest number decides where the picture begins.
  const ticks = scales(dates, most, 0, inner).y.ticks(4).filter(Number.isInteger);
  const left = 10 + DIGIT * Math.max(...ticks.map((tick) => format.number(tick).length));
  const across = width - left - ROOM.right;
  const { x, y } = scales(dates, most, across, inner);
  // Counted from today, so that the last day has its date.
  const stride = Math.ceil((dates.length * DATE) / across);
  const dated = days.filter((_, index) => (days.length - 1 - index) % stride === 0);
  const day = at === null ? undefined : days[at];
  const point = (event: PointerEvent<SVGSVGElement>) => {
    const from = event.clientX - event.currentTarget.getBoundingClientRect().left - left;
    setAt(Math.max(0, Math.min(days.length - 1, Math.floor((from / across) * days.length))));
  };
  return (
    <div ref={parentRef} className="relative min-h-0 flex-1">
      {across > 0 && inner > 0 && (
        <svg
          width={width}
          height={height}
          className="absolute inset-0 touch-pan-y fill-subtle text-xs"
          onPointerDown={point}
          onPointerMove={point}
          // A finger that is lifted leaves too: what it pointed at stays.
          onPointerLeave={(event) => event.pointerType === "mouse" && setAt(null)}
        >
          <Group left={left} top={ROOM.top}>
            {day && <rect x={middle(x, day) - x.step() / 2} width={x.step()} height={inner} className="fill-muted" />}
            <GridRows scale={y} width={across} tickValues={ticks} stroke="var(--border)" />
            {children({ x, y })}
            {ticks.map((tick) => (
              <text key={tick} x={-8} y={y(tick)} dy="0.35em" textAnchor="end">
                {format.number(tick)}
              </text>
            ))}
            {dated.map((each) => (
              <text key={each.date} x={middle(x, each)} y={inner + 18} textAnchor="middle">
                {short(each.date)}
              </text>
            ))}
          </Group>
        </svg>
      )}
      {day && <Said day={day} shown={shown} at={(left + middle(x, day)) / width} />}
    </div>
  );
}

/** Which day is pointed at. Escape, or a touch elsewhere, ends it. */
function usePointed() {
  const [at, setAt] = useState<number | null>(null);
  // From the beginning, not from the first figures on: an effect of theirs comes after they are seen, too late for a quick key.
  useEffect(() => {
    const end = () => setAt(null);
    const pressed = (event: KeyboardEvent) => event.key === "Escape" && end();
    // On its way down: a touch of the same picture points anew afterwards.
    document.addEventListener("pointerdown", end, true);
    document.addEventListener("keydown", pressed);
    return () => {
      document.removeEventListener("pointerdown", end, true);
      document.removeEventListener("keydown", pressed);
    };
  }, []);
  return [at, setAt] as const;
}

/** The figures of the day that is pointed at, beside it and never outside of the picture. */
function Said<Day extends { date: string }>({ day, shown, at }: { day: Day; shown: Shown<Day>[]; at: number }) {
  const format = useFormat();
  const part = `${Math.round(at * 100)}%`;
  return (
    <div
      className="pointer-events-none absolute top-0 rounded-xl border bg-surface px-3 py-2 text-sm shadow-lg"
      style={{ left: part, transform: `translateX(-${part})` }}
    >
      <p className="font-medium">{day.date}</p>
      <ul className="mt-1 grid gap-0.5">
        {shown.map((each) => (
          <Entry key={each.name} {...each} value={format.number(each.of(day))} />
        ))}
      </ul>
    </div>
  );
}

/** What a colour stands for. */
function Entry({ name, colour, value }: { name: string; colour: string; value?: string }) {
  return (
    <li className="flex items-center gap-1.5 whitespace-nowrap">
      <span className="size-2 rounded-full" style={{ background: colour }} />
      {name}
      {value && <span className="ml-auto pl-4 tabular-nums">{value}</span>}
    </li>
  );
}

/** The same figures for whoever cannot see the picture, or wants to read them; days on which nothing happened are left out. */
function Figures<Day extends { date: string }>({ days, columns, empty }: { days: Day[]; columns: Column<Day>[]; empty: string }) {
  const t = useT();
  const active = days.filter((day) => columns.some(({ of }) => of(day) > 0)).toReversed();
  return (
    <details className="mt-3 text-sm">
      <summary className="text-subtle">{t.dashboard.table}</summary>
      <div className="mt-2 max-h-64 overflow-auto" tabIndex={0} role="region" aria-label={t.dashboard.table}>
        <table className="w-full text-right tabular-nums">
          <thead className="text-subtle">
            <tr>
              <th scope="col" className="py-1 text-left font-medium">
                {t.dashboard.date}
              </th>
              {columns.map(({ name }) => (
                <th key={name} scope="col" className="py-1 pl-3 font-medium">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {active.map((day) => (
              <tr key={day.date} className="border-t">
                <th scope="row" className="py-1 text-left font-normal">
                  {day.date}
                </th>
                {columns.map(({ name, of, written }) => (
                  <td key={name} className="py-1 pl-3">
                    {written(of(day))}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {active.length === 0 && <p className="text-subtle">{empty}</p>}
      </div>
    </details>
  );
}
