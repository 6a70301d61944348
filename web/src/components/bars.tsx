import { useFormat } from "@/lib/format";

/** Bars that are also figures: no chart is needed to read them. */
export function Bars({ entries, empty }: { entries: [string, number][]; empty: string }) {
  const format = useFormat();
  const most = Math.max(1, ...entries.map(([, count]) => count));
  if (entries.length === 0) return <p className="mt-3 text-sm text-subtle">{empty}</p>;
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
