import { useQuery } from "@tanstack/react-query";

import { Of } from "@/components/states";
import { Card, CardTitle } from "@/components/ui/card";
import { useT } from "@/i18n";
import type { Catalogue } from "@/i18n/en";
import { useFormat } from "@/lib/format";
import { because } from "@/lib/held";

import { gateQuery } from "../queries";

/** A decision of the gate in words. */
function decided(t: Catalogue, reason: string): string {
  if (reason.startsWith("held_")) return t.held.toast(because(t, reason.slice("held_".length)));
  const { decision } = t.settings.rules;
  return decision[reason] ?? decision[reason.split("_")[0] ?? ""] ?? reason;
}

/** How often the gate decided what. */
export function Counts() {
  const t = useT();
  const format = useFormat();
  const { rules } = t.settings;
  const counts = useQuery(gateQuery);
  return (
    <Card>
      <CardTitle>{rules.counts}</CardTitle>
      <Of query={counts} height="h-16">
        {({ decisions }) => {
          // Kinds of secrets have many names: one row for all of them.
          const sums = new Map<string, number>();
          for (const [reason, count] of Object.entries(decisions)) {
            const said = decided(t, reason);
            sums.set(said, (sums.get(said) ?? 0) + count);
          }
          const entries = [...sums].sort((a, b) => b[1] - a[1]);
          if (entries.length === 0) return <p className="mt-2 text-sm text-subtle">{t.dashboard.noActivity}</p>;
          return (
            <dl className="mt-3 grid max-w-md gap-2 text-sm">
              {entries.map(([said, count]) => (
                <div key={said} className="flex justify-between gap-4">
                  <dt>{said}</dt>
                  <dd className="text-subtle tabular-nums">{format.number(count)}</dd>
                </div>
              ))}
            </dl>
          );
        }}
      </Of>
    </Card>
  );
}
