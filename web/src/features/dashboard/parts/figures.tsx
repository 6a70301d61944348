import { Link } from "@tanstack/react-router";

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
