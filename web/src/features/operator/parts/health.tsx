import { useQuery } from "@tanstack/react-query";

import { Of } from "@/components/states";
import { Badge, Card, CardTitle } from "@/components/ui/card";
import { useT } from "@/i18n";
import { useFormat } from "@/lib/format";

import { overviewQuery } from "../queries";

/** How the server and what it stands on are. */
export function Health() {
  const t = useT();
  const format = useFormat();
  const overview = useQuery(overviewQuery);
  return (
    <Of query={overview}>
      {(seen) => (
        <div className="grid gap-4 lg:grid-cols-2">
          <Card>
            <CardTitle>{t.operator.checks}</CardTitle>
            <dl className="mt-3 grid gap-2 text-sm">
              {Object.entries(seen.checks).map(([name, status]) => (
                <div key={name} className="flex justify-between gap-4">
                  <dt>{t.operator.check[name] ?? name}</dt>
                  <dd>
                    <Badge tone={status === "ok" ? "accent" : status === "degraded" ? "warning" : "danger"}>
                      {t.operator.status[status] ?? status}
                    </Badge>
                  </dd>
                </div>
              ))}
            </dl>
          </Card>
          <Card>
            <CardTitle>{t.operator.health}</CardTitle>
            <dl className="mt-3 grid gap-2 text-sm">
              {(
                [
                  [t.operator.version, seen.version],
                  [t.operator.database, seen.database],
                  [t.operator.index, seen.index],
                  [t.operator.embedder, seen.embedder],
                  [t.operator.userCount, format.number(seen.users)],
                  [t.operator.activeUsers, format.number(seen.active_users)],
                ] as const
              ).map(([name, value]) => (
                <div key={name} className="flex justify-between gap-4">
                  <dt className="text-subtle">{name}</dt>
                  <dd className="min-w-0 truncate font-medium">{value}</dd>
                </div>
              ))}
            </dl>
          </Card>
        </div>
      )}
    </Of>
  );
}
