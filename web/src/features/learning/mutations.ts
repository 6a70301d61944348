import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api, ok } from "@/api/client";
import { keys, stale } from "@/api/keys";

import { policyQuery } from "./queries";

/** What fades is not read anew while it is seen, but the next time. */
function useRated() {
  const client = useQueryClient();
  return () => void client.invalidateQueries({ queryKey: keys.learning.fading, refetchType: "none" });
}

/** Says what a memory is worth. */
export const useSay = (memory_id: string, said?: (event: string) => void) => {
  const rated = useRated();
  return useMutation({
    mutationFn: (feedback: "POSITIVE" | "NEGATIVE" | "CONFIRMATION") =>
      ok(api.POST("/api/v1/learning/feedback", { body: { memory_id, feedback } })),
    onSuccess: ({ id }) => {
      rated();
      said?.(id);
    },
    meta: { stale: stale.rated },
  });
};

/** Takes back what was said, by the number of that. */
export const useTakeBack = (done?: () => void) => {
  const rated = useRated();
  return useMutation({
    mutationFn: (event: string) => ok(api.DELETE("/api/v1/learning/feedback/{event_id}", { params: { path: { event_id: event } } })),
    onSuccess: () => {
      rated();
      done?.();
    },
    meta: { stale: stale.rated },
  });
};

/** Tries whether what was said orders searches better. */
export const useLearn = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => ok(api.POST("/api/v1/learning/policy")),
    onSuccess: (found) => client.setQueryData(policyQuery.queryKey, found),
    meta: { stale: stale.ranked },
  });
};
