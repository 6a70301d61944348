import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import type { MemoryFilters } from "@/routes";

import { searchQuery } from "./queries";
import type { Row } from "./rows";

const NONE: Row[] = [];

/** The last ones of an answer are there for the sake of what they might hold: they are not among the best. */
function parted(rows: Row[], nearest: Row[]) {
  const likely = rows.findLastIndex((row) => (row.score ?? 0) >= 0.01) + 1;
  return { best: rows.slice(0, likely), less: [...rows.slice(likely), ...nearest] };
}

/** What a search found. What is less alike is folded, but where there is nothing else. */
export function useFound(query: string, filters: MemoryFilters) {
  const search = useQuery(searchQuery(query, filters));
  const { data } = search;
  const { best, less } = useMemo(() => parted(data?.rows ?? NONE, data?.nearest ?? NONE), [data]);
  /** What was chosen for the answer to one question. */
  const [chosen, choose] = useState<{ query: string; open: boolean } | null>(null);
  const open = chosen !== null && chosen.query === data?.query ? chosen.open : best.length === 0;
  return {
    search,
    best,
    less,
    open,
    toggle: () => data && choose({ query: data.query, open: !open }),
    /** What is seen of it. */
    rows: useMemo(() => (open ? [...best, ...less] : best), [open, best, less]),
  };
}
