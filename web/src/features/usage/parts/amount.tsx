import { Badge } from "@/components/ui/card";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/format";

import type { Report } from "../queries";
import { level } from "../spent";
import { useTexts } from "../texts";

type Forecast = Report["meters"][number]["forecast"];

const BARS = { fine: "bg-primary", near: "bg-warning", full: "bg-danger" };

/** One amount: what is used of what there is, and what it may come to. */
export function Amount({
  name,
  hint,
  used,
  limit,
  forecast,
  written,
}: {
  name: string;
  hint?: string;
  used: number;
  limit: number | null | undefined;
  forecast?: Forecast;
  written: (value: number) => string;
}) {
  const words = useTexts();
  const format = useFormat();
  const found = level(used, limit);
  const limited = typeof limit === "number";
  const part = limited && limit > 0 ? Math.min(1, used / limit) : 1;
  return (
    <div>
      <dt className="flex items-center justify-between gap-2 text-sm">
        <span className="font-medium">{name}</span>
        {found === "full" && <Badge tone="danger">{words.usedUp}</Badge>}
        {found === "near" && <Badge tone="warning">{format.percent(part)}</Badge>}
      </dt>
      <dd className="mt-1 flex flex-wrap items-baseline gap-x-1.5">
        <span className="text-2xl font-semibold tabular-nums">{written(used)}</span>
        <span className="text-sm text-subtle">{limited ? words.of(written(limit)) : words.noLimit}</span>
      </dd>
      {limited && (
        <dd className="mt-2">
          <div
            role="meter"
            aria-label={name}
            aria-valuemin={0}
            aria-valuemax={limit}
            aria-valuenow={Math.min(used, limit)}
            aria-valuetext={words.used(written(used), written(limit), format.percent(part))}
            className="h-2 overflow-hidden rounded-full bg-muted"
          >
            <span
              className={cn("block h-full rounded-full", BARS[found], used > 0 && "min-w-1.5")}
              style={{ width: `${(limit > 0 ? part : 1) * 100}%` }}
            />
          </div>
        </dd>
      )}
      {hint && <dd className="mt-2 text-sm text-subtle">{hint}</dd>}
      {forecast && forecast.estimate > 0 && <Expected forecast={forecast} limit={limit} written={written} warned={found === "full"} />}
    </div>
  );
}

/** What the month may come to. */
function Expected({
  forecast: { estimate, low, high },
  limit,
  written,
  warned,
}: {
  forecast: Forecast;
  limit: number | null | undefined;
  written: (value: number) => string;
  /** It is said already that there is no more. */
  warned: boolean;
}) {
  const words = useTexts();
  const more = typeof limit === "number" && estimate > limit && !warned;
  return (
    <dd className="text-sm text-subtle">
      {words.forecast(written(estimate), low < high ? [written(low), written(high)] : null)}
      {more && <span className="text-warning">: {words.tooMuch}</span>}
    </dd>
  );
}
