import { useQuery } from "@tanstack/react-query";

import { Of } from "@/components/states";
import { Badge, Card, CardTitle } from "@/components/ui/card";
import { useFormat } from "@/lib/format";

import { overviewQuery } from "../queries";
import { useTexts } from "../texts";

/** How the server and what it stands on are. */
export function Health() {
  const words = useTexts();
  const format = useFormat();
  const overview = useQuery(overviewQuery);
  return (
    <Of query={overview}>
      {(seen) => (
        <div className="grid gap-4 lg:grid-cols-2">
          <Card>
            <CardTitle>{words.checks}</CardTitle>
            <dl className="mt-3 grid gap-2 text-sm">
              {Object.entries(seen.checks).map(([name, status]) => (
                <div key={name} className="flex justify-between gap-4">
                  <dt>{words.check[name] ?? name}</dt>
                  <dd>
                    <Badge tone={status === "ok" ? "accent" : status === "degraded" ? "warning" : "danger"}>
                      {words.status[status] ?? status}
                    </Badge>
                  </dd>
                </div>
              ))}
            </dl>
          </Card>
          <Card>
            <CardTitle>{words.health}</CardTitle>
            <dl className="mt-3 grid gap-2 text-sm">
              {(
                [
                  [words.version, seen.version],
                  [words.database, seen.database],
                  [words.index, seen.index],
                  [words.embedder, seen.embedder],
                  [words.userCount, format.number(seen.users)],
                  [words.activeUsers, format.number(seen.active_users)],
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
