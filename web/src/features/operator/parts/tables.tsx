import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { More } from "@/components/paged";
import { Failed, Loading } from "@/components/states";
import { Badge } from "@/components/ui/card";
import { useT } from "@/i18n";
import { useFormat } from "@/lib/format";

import { auditQuery, usersQuery } from "../queries";

export function Users() {
  const t = useT();
  const format = useFormat();
  const users = useInfiniteQuery(usersQuery);
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

/** What happened of which a trace is kept. */
export function Audit() {
  const t = useT();
  const format = useFormat();
  const audit = useInfiniteQuery(auditQuery);
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
      <More query={query} />
    </>
  );
}
