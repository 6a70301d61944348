import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api, ok } from "@/api/client";
import { stale } from "@/api/keys";

import { policyQuery } from "./queries";

// What fades is not read anew while it is seen, so that a word about it can be taken back.
const rated = { stale: stale.rated, later: stale.fading };

/** Says what a memory is worth. */
export const useSay = (memory_id: string, said: (event: string) => void) =>
  useMutation({
    mutationFn: (feedback: "POSITIVE" | "NEGATIVE" | "CONFIRMATION") =>
      ok(api.POST("/api/v1/learning/feedback", { body: { memory_id, feedback } })),
    onSuccess: ({ id }) => said(id),
    meta: rated,
  });

/** Takes back what was said, by the number of that. */
export const useTakeBack = (done?: () => void) =>
  useMutation({
    mutationFn: (event: string) => ok(api.DELETE("/api/v1/learning/feedback/{event_id}", { params: { path: { event_id: event } } })),
    onSuccess: done,
    meta: rated,
  });

/** Tries whether what was said orders searches better. */
export const useLearn = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => ok(api.POST("/api/v1/learning/policy")),
    onSuccess: (found) => client.setQueryData(policyQuery.queryKey, found),
    meta: { stale: stale.ranked },
  });
};
