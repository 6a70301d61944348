import { useInfiniteQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import type { Schemas } from "@/api/client";
import { More } from "@/components/paged";
import { Failed, Loading } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Badge } from "@/components/ui/card";
import { Dialog } from "@/components/ui/dialog";
import { useT } from "@/i18n";
import { useFormat } from "@/lib/format";

import { auditQuery, usersQuery } from "../queries";
import { useTexts } from "../texts";
import { AccountPlan } from "./plan";

export function Users() {
  const t = useT();
  const words = useTexts();
  const format = useFormat();
  const users = useInfiniteQuery(usersQuery);
  const [opened, setOpened] = useState<Schemas["Account"] | null>(null);
  return (
    <>
      <Parts
        query={users}
        head={[words.email, words.role, words.memories, words.apps, words.credentials, words.created, words.lastLogin, words.plan]}
        row={(user) => (
          <tr key={user.user_id}>
            <td>
              <span className="block max-w-64 truncate">{user.email ?? "–"}</span>
              <span className="block font-mono text-xs text-subtle">{user.user_id}</span>
            </td>
            <td>{user.role === "operator" ? <Badge tone="accent">{words.roles.operator}</Badge> : words.roles[user.role]}</td>
            <td className="tabular-nums">{format.number(user.memories)}</td>
            <td className="tabular-nums">{format.number(user.apps)}</td>
            <td className="tabular-nums">{format.number(user.credentials)}</td>
            <td className="whitespace-nowrap">{format.day(user.created_at)}</td>
            <td className="whitespace-nowrap">{user.last_login_at ? format.ago(user.last_login_at) : t.common.never}</td>
            <td>
              <Button size="sm" variant="outline" aria-label={words.planOf(user.email ?? user.user_id)} onClick={() => setOpened(user)}>
                {words.plan}
              </Button>
            </td>
          </tr>
        )}
      />
      <Dialog open={opened !== null} onOpenChange={(open) => !open && setOpened(null)}>
        {opened && <AccountPlan account={opened} close={() => setOpened(null)} />}
      </Dialog>
    </>
  );
}

/** What happened of which a trace is kept. */
export function Audit() {
  const words = useTexts();
  const format = useFormat();
  const audit = useInfiniteQuery(auditQuery);
  return (
    <Parts
      query={audit}
      head={[words.at, words.action, words.user, words.detail]}
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
  const words = useTexts();
  if (query.error) return <Failed error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Loading />;
  return (
    <>
      <div className="overflow-x-auto rounded-2xl border bg-surface" tabIndex={0} role="region" aria-label={words.title}>
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
