import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import { Turn } from "@/components/paged";
import { Empty, Of } from "@/components/states";
import type { Memory } from "@/features/memory/queries";
import { useT } from "@/i18n";
import { useFormat } from "@/lib/format";

import { SIZE, readQuery, writtenQuery } from "../queries";

/** What an app wrote. */
export function Written({ id }: { id: string }) {
  const t = useT();
  const [page, setPage] = useState(1);
  const memories = useQuery(writtenQuery(id, page));
  return (
    <Of query={memories}>
      {({ memories, total }) => (
        <Paged page={page} total={total} turn={setPage} empty={t.apps.nothingCreated}>
          {memories.map((memory) => (
            <Line key={memory.id} memory={memory} />
          ))}
        </Paged>
      )}
    </Of>
  );
}

/** What an app read, and how often. */
export function Read({ id }: { id: string }) {
  const t = useT();
  const [page, setPage] = useState(1);
  const read = useQuery(readQuery(id, page));
  return (
    <Of query={read}>
      {({ memories, total }) => (
        <Paged page={page} total={total} turn={setPage} empty={t.apps.nothingAccessed}>
          {memories.map(({ memory, access_count }) => (
            <Line key={memory.id} memory={memory} note={t.apps.times(access_count)} />
          ))}
        </Paged>
      )}
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

function Paged({
  page,
  total,
  turn,
  empty,
  children,
}: {
  page: number;
  total: number;
  turn: (page: number) => void;
  empty: string;
  children: ReactNode;
}) {
  if (total === 0) return <Empty title={empty} />;
  return (
    <>
      <ul className="grid gap-2">{children}</ul>
      <Turn page={page} size={SIZE} total={total} turn={turn} className="mt-4 items-center text-sm text-subtle">
        {page} / {Math.ceil(total / SIZE)}
      </Turn>
    </>
  );
}
