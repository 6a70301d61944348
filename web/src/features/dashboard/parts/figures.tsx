import { Link } from "@tanstack/react-router";

import { useT } from "@/i18n";
import { useFormat } from "@/lib/format";

export function Total({ name, value, to }: { name: string; value: string | undefined; to?: "/memories" | "/apps" }) {
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
export function Bars({ entries }: { entries: [string, number][] }) {
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
