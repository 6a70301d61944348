import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { AppWindow, ArrowLeft, Undo2 } from "lucide-react";
import { type ReactNode, useState } from "react";

import { api, ok } from "@/api/client";
import { type Memory, appsQuery } from "@/api/queries";
import { PageTitle } from "@/components/frame";
import { Pause } from "@/features/apps/parts/pause";
import { TakeBack } from "@/features/undo/parts/take-back";
import { Empty, Of } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Badge } from "@/components/ui/card";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { useT } from "@/i18n";
import { OWN_APP } from "@/lib/activity";
import { appName } from "@/lib/apps";
import { useFormat } from "@/lib/format";

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

function Figure({ name, value }: { name: string; value: ReactNode }) {
  return (
    <div>
      <dt className="text-subtle">{name}</dt>
      <dd className="font-medium">{value}</dd>
    </div>
  );
}

export function AppDetail() {
  const t = useT();
  const format = useFormat();
  const { id } = useParams({ from: "/inside/apps/$id" });
  const [taking, setTaking] = useState(false);
  const app = useQuery({
    queryKey: ["apps", id],
    queryFn: () => ok(api.GET("/api/v1/apps/{app_id}", { params: { path: { app_id: id } } })),
  });
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
                <Created id={id} />
              </TabsContent>
              <TabsContent value="accessed">
                <Accessed id={id} />
              </TabsContent>
            </Tabs>
          </>
        )}
      </Of>
    </>
  );
}

const SIZE = 20;

function Created({ id }: { id: string }) {
  const t = useT();
  const [page, setPage] = useState(1);
  const memories = useQuery({
    queryKey: ["memories", "app", id, page],
    queryFn: () => ok(api.GET("/api/v1/apps/{app_id}/memories", { params: { path: { app_id: id }, query: { page, page_size: SIZE } } })),
    placeholderData: (before) => before,
  });
  return (
    <Of query={memories}>
      {({ memories, total }) =>
        total === 0 ? (
          <Empty title={t.apps.nothingCreated} />
        ) : (
          <Paged page={page} total={total} turn={setPage}>
            {memories.map((memory) => (
              <Line key={memory.id} memory={memory} />
            ))}
          </Paged>
        )
      }
    </Of>
  );
}

function Accessed({ id }: { id: string }) {
  const t = useT();
  const [page, setPage] = useState(1);
  const accessed = useQuery({
    queryKey: ["memories", "app-read", id, page],
    queryFn: () => ok(api.GET("/api/v1/apps/{app_id}/accessed", { params: { path: { app_id: id }, query: { page, page_size: SIZE } } })),
    placeholderData: (before) => before,
  });
  return (
    <Of query={accessed}>
      {({ memories, total }) =>
        total === 0 ? (
          <Empty title={t.apps.nothingAccessed} />
        ) : (
          <Paged page={page} total={total} turn={setPage}>
            {memories.map(({ memory, access_count }) => (
              <Line key={memory.id} memory={memory} note={t.apps.times(access_count)} />
            ))}
          </Paged>
        )
      }
    </Of>
  );
}

function Line({ memory, note }: { memory: Memory; note?: string }) {
  const format = useFormat();
  return (
    <li>
      <Link
        to="/memories/$id"
        params={{ id: memory.id }}
        preload={false}
        className="block rounded-xl border bg-surface px-4 py-3 hover:border-control"
      >
        <span className="memory-text line-clamp-2">{memory.content}</span>
        <span className="mt-1 block text-xs text-subtle">{note ?? format.ago(memory.created_at)}</span>
      </Link>
    </li>
  );
}

function Paged({ page, total, turn, children }: { page: number; total: number; turn: (page: number) => void; children: ReactNode }) {
  const t = useT();
  return (
    <>
      <ul className="grid gap-2">{children}</ul>
      {total > SIZE && (
        <div className="mt-4 flex items-center justify-between text-sm text-subtle">
          <Button size="sm" variant="outline" disabled={page === 1} onClick={() => turn(page - 1)}>
            {t.common.previous}
          </Button>
          {page} / {Math.ceil(total / SIZE)}
          <Button size="sm" variant="outline" disabled={page * SIZE >= total} onClick={() => turn(page + 1)}>
            {t.common.next}
          </Button>
        </div>
      )}
    </>
  );
}
