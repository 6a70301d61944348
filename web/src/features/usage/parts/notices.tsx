import { CircleAlert, TriangleAlert } from "lucide-react";

import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/format";

import { useAmounts } from "../amounts";
import type { Report } from "../queries";
import { type Level, level } from "../spent";
import { useTexts } from "../texts";

interface Said {
  level: Exclude<Level, "fine">;
  text: string;
}

/** What is used up or nearly so, and what goes on nevertheless. */
export function Notices({ report }: { report: Report }) {
  const words = useTexts();
  const format = useFormat();
  const { on } = useAmounts();
  const { plan, stored, meters, cost } = report;
  const day = on(report.resets_at);
  const said: Said[] = [];
  const judge = (name: keyof typeof words.names, used: number, limit: number | null | undefined, resets: string | null) => {
    const found = level(used, limit);
    if (found === "full") said.push({ level: found, text: words.full[name](day) });
    // Rounded down: what is not used up is not told as all of it.
    if (found === "near")
      said.push({ level: found, text: words.near(words.names[name], format.percent(floor(used / (limit ?? 1))), resets) });
  };
  if (plan.read_only) said.push({ level: "full", text: words.stateText.paused() });
  judge("memories", stored.memories, stored.memories_limit, null);
  judge("bytes", stored.bytes, stored.bytes_limit, null);
  for (const { meter, used, limit } of meters) judge(meter, used, limit, day);
  const most = plan.limits.spend_per_month;
  if (most !== null && cost.beyond_plan_micros > most) said.push({ level: "full", text: words.full.spend(day) });
  if (said.length === 0) return null;
  return (
    <ul className="grid gap-2">
      {said
        .toSorted((a, b) => Number(a.level === "near") - Number(b.level === "near"))
        .map(({ level, text }) => {
          const [Icon, look] =
            level === "full" ? [CircleAlert, "border-danger/40 bg-danger-soft"] : [TriangleAlert, "border-warning/40 bg-warning-soft"];
          return (
            <li key={text} className={cn("flex gap-3 rounded-xl border px-4 py-3 text-sm", look)}>
              <Icon className={cn("mt-0.5 size-4 shrink-0", level === "full" ? "text-danger" : "text-warning")} aria-hidden />
              {text}
            </li>
          );
        })}
    </ul>
  );
}

const floor = (part: number) => Math.floor(part * 100) / 100;
