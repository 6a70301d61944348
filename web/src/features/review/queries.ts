import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { type Schemas, api, ok } from "@/api/client";
import { keys } from "@/api/keys";
import { KINDS, type Kind } from "@/routes";

export type Entry = Schemas["ReviewEntry"];

/** Entries of one part of the queue. */
const PART = 50;
/** From so many on, the number in the navigation says no more than that. */
const MANY = 100;
const MOST = 200;

const part = (query: { kind?: string; cursor?: string; limit: number }) => ok(api.GET("/api/v1/review", { params: { query } }));

export const reviewQuery = (kind: Kind | undefined) =>
  infiniteQueryOptions({
    queryKey: keys.review.list(kind),
    queryFn: ({ pageParam }) => part({ limit: PART, ...(kind ? { kind } : {}), ...(pageParam ? { cursor: pageParam } : {}) }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });

export interface Open {
  /** Of memories; one may stand there for several reasons. */
  all: number;
  /** Whether there are more. */
  more: boolean;
  counts: Record<string, number>;
}

/** How much waits to be looked at. */
export const openQuery = queryOptions({
  queryKey: keys.review.open,
  queryFn: async (): Promise<Open> => {
    const { counts } = await part({ limit: 1 });
    const each = KINDS.map((kind) => counts[kind] ?? 0);
    const least = Math.max(...each);
    if (least >= MANY) return { all: MANY - 1, more: true, counts };
    if (each.filter((count) => count > 0).length <= 1) return { all: least, more: false, counts };
    const { items } = await part({ limit: MOST });
    return items.length >= MANY ? { all: MANY - 1, more: true, counts } : { all: items.length, more: false, counts };
  },
});
