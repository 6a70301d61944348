import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { api, ok } from "@/api/client";
import { meQuery } from "@/api/queries";
import { PageTitle } from "@/components/frame";
import { Empty, Failed, Loading, Of, useProblem } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Badge, Card, CardTitle } from "@/components/ui/card";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { toast } from "@/components/ui/toast";
import { useT } from "@/i18n";
import { useFormat } from "@/lib/format";

const PAGES = ["health", "users", "jobs", "audit"] as const;

export function Operator() {
  const t = useT();
  const { page } = useParams({ from: "/inside/operator/$page" });
  const navigate = useNavigate();
  const me = useQuery(meQuery);
  if (me.data && !me.data.operator) return <Empty title={t.operator.only} />;
  return (
    <>
      <PageTitle title={t.operator.title} lead={t.operator.lead} />
      <Of query={me}>
        {() => (
          <Tabs value={page} onValueChange={(next) => void navigate({ to: "/operator/$page", params: { page: next } })}>
            <TabsList aria-label={t.operator.title}>
              {PAGES.map((each) => (
                <TabsTrigger key={each} value={each}>
                  {t.operator[each]}
                </TabsTrigger>
              ))}
            </TabsList>
            <TabsContent value="health">
              <Health />
            </TabsContent>
            <TabsContent value="users">
              <Users />
            </TabsContent>
            <TabsContent value="jobs">
              <Jobs />
            </TabsContent>
            <TabsContent value="audit">
              <Audit />
            </TabsContent>
          </Tabs>
        )}
      </Of>
    </>
  );
}

function Health() {
  const t = useT();
  const format = useFormat();
  const overview = useQuery({
    queryKey: ["operator", "overview"],
    queryFn: () => ok(api.GET("/api/v1/admin/overview")),
    refetchInterval: 10_000,
  });
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

/** Rows that come in parts. */
function Parts<T>({
  query,
  head,
  row,
}: {
  query: {
    data: { pages: T[][] } | undefined;
    error: unknown;
    isPending: boolean;
    refetch: () => unknown;
    hasNextPage: boolean;
    fetchNextPage: () => unknown;
    isFetchingNextPage: boolean;
  };
  head: string[];
  row: (each: T) => ReactNode;
}) {
  const t = useT();
  if (query.error) return <Failed error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Loading />;
  return (
    <>
      <div className="overflow-x-auto rounded-2xl border bg-surface" tabIndex={0} role="region" aria-label={t.operator.title}>
        <table className="w-full min-w-[56rem] text-left text-sm">
          <thead className="border-b bg-muted text-subtle">
            <tr>
              {head.map((name) => (
                <th key={name} scope="col" className="px-4 py-2.5 font-medium whitespace-nowrap">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="[&_td]:px-4 [&_td]:py-2.5 [&_td]:align-top [&_tr+tr]:border-t">{query.data.pages.flat().map(row)}</tbody>
        </table>
      </div>
      {query.hasNextPage && (
        <Button variant="outline" className="mt-4" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t.common.more}
        </Button>
      )}
    </>
  );
}

function Users() {
  const t = useT();
  const format = useFormat();
  const users = useInfiniteQuery({
    queryKey: ["operator", "users"],
    queryFn: ({ pageParam }) =>
      ok(api.GET("/api/v1/admin/users", { params: { query: { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    select: (data) => ({ pages: data.pages.map((page) => page.users) }),
  });
  return (
    <Parts
      query={users}
      head={[
        t.operator.email,
        t.operator.role,
        t.operator.memories,
        t.operator.apps,
        t.operator.credentials,
        t.operator.created,
        t.operator.lastLogin,
      ]}
      row={(user) => (
        <tr key={user.user_id}>
          <td>
            <span className="block max-w-64 truncate">{user.email ?? "–"}</span>
            <span className="block font-mono text-xs text-subtle">{user.user_id}</span>
          </td>
          <td>{user.role === "operator" ? <Badge tone="accent">{t.operator.roles.operator}</Badge> : t.operator.roles[user.role]}</td>
          <td className="tabular-nums">{format.number(user.memories)}</td>
          <td className="tabular-nums">{format.number(user.apps)}</td>
          <td className="tabular-nums">{format.number(user.credentials)}</td>
          <td className="whitespace-nowrap">{format.day(user.created_at)}</td>
          <td className="whitespace-nowrap">{user.last_login_at ? format.ago(user.last_login_at) : t.common.never}</td>
        </tr>
      )}
    />
  );
}

function Jobs() {
  const t = useT();
  const format = useFormat();
  const client = useQueryClient();
  const problem = useProblem();
  const jobs = useQuery({ queryKey: ["operator", "jobs"], queryFn: () => ok(api.GET("/api/v1/admin/jobs")), refetchInterval: 10_000 });
  const revive = async () => {
    try {
      const { revived } = await ok(api.POST("/api/v1/admin/jobs/revive"));
      toast(t.operator.revived(revived));
      await client.invalidateQueries({ queryKey: ["operator"] });
    } catch (failure) {
      toast(problem(failure), { danger: true });
    }
  };
  return (
    <Of query={jobs}>
      {({ by_state, oldest_due, dead }) => (
        <div className="grid gap-4">
          <dl className="grid grid-cols-3 gap-3">
            {(["queued", "running", "dead"] as const).map((state) => (
              <div key={state} className="rounded-2xl border bg-surface p-4">
                <dt className="text-sm text-subtle">{t.operator.jobStates[state]}</dt>
                <dd className="mt-1 text-2xl font-semibold tabular-nums">{format.number(by_state[state] ?? 0)}</dd>
              </div>
            ))}
          </dl>
          {oldest_due && (
            <p className="text-sm text-subtle">
              {t.operator.oldest} {format.ago(oldest_due)}
            </p>
          )}
          <Card>
            <div className="flex items-center justify-between gap-3">
              <CardTitle>{t.operator.deadTitle}</CardTitle>
              {dead.length > 0 && (
                <Button size="sm" variant="outline" onClick={() => void revive()}>
                  {t.operator.revive}
                </Button>
              )}
            </div>
            {dead.length === 0 ? (
              <p className="mt-2 text-sm text-subtle">{t.operator.deadEmpty}</p>
            ) : (
              <ul className="mt-3 grid gap-3 text-sm">
                {dead.map((job) => (
                  <li key={job.id} className="rounded-xl bg-muted p-3">
                    <p className="flex flex-wrap gap-2">
                      <Badge>{job.kind}</Badge>
                      <span className="text-subtle">
                        {t.operator.attempts}: {job.attempts}
                      </span>
                    </p>
                    <p className="mt-1 break-words">{job.error ?? "–"}</p>
                    <p className="mt-1 font-mono text-xs break-all text-subtle">
                      {t.operator.tenant} {job.tenant_id}
                    </p>
                  </li>
                ))}
              </ul>
            )}
          </Card>
        </div>
      )}
    </Of>
  );
}

function Audit() {
  const t = useT();
  const format = useFormat();
  const audit = useInfiniteQuery({
    queryKey: ["operator", "audit"],
    queryFn: ({ pageParam }) =>
      ok(api.GET("/api/v1/admin/audit", { params: { query: { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    select: (data) => ({ pages: data.pages.map((page) => page.entries) }),
  });
  return (
    <Parts
      query={audit}
      head={[t.operator.at, t.operator.action, t.operator.user, t.operator.detail]}
      row={(entry) => (
        <tr key={entry.id}>
          <td className="whitespace-nowrap">{format.full(entry.at)}</td>
          <td>
            <Badge>{entry.action}</Badge>
          </td>
          <td className="font-mono text-xs leading-5 whitespace-nowrap">{entry.user_id ?? "–"}</td>
          <td className="max-w-96 font-mono text-xs leading-5 break-all">{JSON.stringify(entry.detail)}</td>
        </tr>
      )}
    />
  );
}
