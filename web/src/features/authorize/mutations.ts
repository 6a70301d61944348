import { useMutation } from "@tanstack/react-query";

import { type Schemas, api, ok } from "@/api/client";
import { stale } from "@/api/keys";

/** Lets the program in that asks, or refuses it. */
export const useDecide = (id: string) =>
  useMutation({
    mutationFn: (body: Schemas["Decide"]) =>
      ok(api.POST("/api/v1/oauth/requests/{request_id}", { params: { path: { request_id: id } }, body })),
    meta: { stale: stale.letIn, inline: true },
  });
