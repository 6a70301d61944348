import { useMutation } from "@tanstack/react-query";

import { api, ok } from "@/api/client";
import { stale } from "@/api/keys";

export type Decision = "keep" | "edit" | "merge" | "drop";

export interface Decided {
  id: string;
  decision: Decision;
  text?: string | undefined;
}

/** Decides about a memory of the queue. */
export const useDecide = () =>
  useMutation({
    mutationFn: ({ id, decision, text }: Decided) => {
      const body = { decision, ...(text === undefined ? {} : { text }) };
      return ok(api.POST("/api/v1/review/{memory_id}", { params: { path: { memory_id: id } }, body }));
    },
    meta: { stale: stale.written },
  });

export const undecide = (id: string) => ok(api.POST("/api/v1/review/{memory_id}/undo", { params: { path: { memory_id: id } } }));

/** Takes a decision back. */
export const useUndecide = () => useMutation({ mutationFn: undecide, meta: { stale: stale.written } });
