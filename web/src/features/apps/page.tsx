import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { AppWindow } from "lucide-react";

import { PageTitle } from "@/components/frame";
import { Empty, Of } from "@/components/states";
import { Badge } from "@/components/ui/card";
import { useT } from "@/i18n";
import { OWN_APP } from "@/lib/activity";
import { appName } from "@/lib/apps";
import { useFormat } from "@/lib/format";

import { Figure } from "./parts/figure";
import { Pause } from "./parts/pause";
import { appsQuery } from "./queries";

export function Apps() {
  const t = useT();
  const format = useFormat();
  const apps = useQuery(appsQuery);
  return (
    <>
      <PageTitle title={t.apps.title} lead={t.apps.lead} />
      <Of query={apps}>
        {(all) =>
          all.length === 0 ? (
            <Empty icon={<AppWindow />} title={t.apps.emptyTitle}>
              {t.apps.empty}
            </Empty>
          ) : (
            <ul className="grid gap-3 sm:grid-cols-2">
              {all.map((app) => (
                <li key={app.id} className="relative grid gap-3 rounded-2xl border bg-surface p-4 hover:border-control">
                  <div className="flex items-center gap-3">
                    <Link
                      to="/apps/$id"
                      params={{ id: app.id }}
                      className="min-w-0 flex-1 truncate rounded-sm font-semibold after:absolute after:inset-0 after:rounded-2xl"
                    >
                      {appName(t, app.name)}
                    </Link>
                    {!app.is_active && <Badge tone="warning">{t.apps.paused}</Badge>}
                    <Pause app={app} />
                  </div>
                  <dl className="grid grid-cols-3 gap-2 text-sm">
                    <Figure name={t.apps.wrote} value={format.number(app.total_memories_created)} />
                    {app.name !== OWN_APP && (
                      <>
                        <Figure name={t.apps.read} value={format.number(app.total_memories_accessed)} />
                        <Figure name={t.apps.lastRead} value={app.last_accessed ? format.ago(app.last_accessed) : t.common.never} />
                      </>
                    )}
                  </dl>
                </li>
              ))}
            </ul>
          )
        }
      </Of>
    </>
  );
}
