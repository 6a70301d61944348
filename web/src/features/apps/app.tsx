import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ArrowLeft, Undo2 } from "lucide-react";
import { useState } from "react";

import { PageTitle } from "@/components/frame";
import { Of } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { TakeBack } from "@/features/undo/parts/take-back";
import { useT } from "@/i18n";
import { OWN_APP } from "@/lib/activity";
import { appName } from "@/lib/apps";
import { useFormat } from "@/lib/format";

import { Figure } from "./parts/figure";
import { Read, Written } from "./parts/memories";
import { Pause } from "./parts/pause";
import { appQuery } from "./queries";

export function AppDetail() {
  const t = useT();
  const format = useFormat();
  const { id } = useParams({ from: "/inside/apps/$id" });
  const [taking, setTaking] = useState(false);
  const app = useQuery(appQuery(id));
  return (
    <>
      <Link to="/apps" className="mb-3 inline-flex items-center gap-1.5 rounded-md text-sm text-subtle hover:text-foreground">
        <ArrowLeft className="size-4" aria-hidden />
        {t.apps.title}
      </Link>
      <Of query={app}>
        {(found) => (
          <>
            <PageTitle
              title={appName(t, found.name)}
              actions={
                <span className="flex flex-wrap items-center gap-3 text-sm text-subtle">
                  {found.is_active ? t.apps.active : t.apps.paused}
                  <Pause app={found} />
                  <Button variant="outline" onClick={() => setTaking(true)}>
                    <Undo2 />
                    {t.takeBack.open}
                  </Button>
                </span>
              }
            />
            <TakeBack name={appName(t, found.name)} author={{ app_id: id }} open={taking} onOpenChange={setTaking} />
            <dl className="mb-5 grid grid-cols-2 gap-3 rounded-2xl border bg-surface p-4 text-sm sm:grid-cols-4">
              <Figure name={t.apps.wrote} value={format.number(found.total_memories_created)} />
              {found.name !== OWN_APP && (
                <>
                  <Figure name={t.apps.read} value={format.number(found.total_memories_accessed)} />
                  <Figure name={t.apps.lastRead} value={found.last_accessed ? format.ago(found.last_accessed) : t.common.never} />
                </>
              )}
              <Figure name={t.apps.since} value={format.day(found.created_at)} />
            </dl>
            <Tabs defaultValue="created">
              <TabsList aria-label={appName(t, found.name)}>
                <TabsTrigger value="created">{t.apps.created}</TabsTrigger>
                <TabsTrigger value="accessed">{t.apps.accessed}</TabsTrigger>
              </TabsList>
              <TabsContent value="created">
                <Written id={id} />
              </TabsContent>
              <TabsContent value="accessed">
                <Read id={id} />
              </TabsContent>
            </Tabs>
          </>
        )}
      </Of>
    </>
  );
}
