import { useMutation } from "@tanstack/react-query";

import { type Schemas, api, ok } from "@/api/client";
import { stale } from "@/api/keys";

/** What a dialog asks for, told there where it fails. */
const ofEndpoints = { stale: stale.endpoints, inline: true };
const ofKeys = { stale: stale.keys, inline: true };

/** Which credentials: the links of clients, or the keys of programs. */
export type Kept = "endpoints" | "keys";

export const useAddEndpoint = () =>
  useMutation({ mutationFn: (body: Schemas["NewCredential"]) => ok(api.POST("/api/v1/endpoints/", { body })), meta: ofEndpoints });

export const useRotateEndpoint = (id: string, rotated: (endpoint: Schemas["EndpointSecret"]) => void) =>
  useMutation({
    mutationFn: (grace_secs: number) =>
      ok(api.POST("/api/v1/endpoints/{endpoint_id}/rotate", { params: { path: { endpoint_id: id } }, body: { grace_secs } })),
    onSuccess: rotated,
    meta: ofEndpoints,
  });

export const useAddKey = () =>
  useMutation({ mutationFn: (body: Schemas["NewCredential"]) => ok(api.POST("/api/v1/keys/", { body })), meta: ofKeys });

export const useRename = (of: Kept) =>
  useMutation({
    mutationFn: async ({ id, name }: { id: string; name: string }) => {
      await (of === "keys"
        ? ok(api.PATCH("/api/v1/keys/{key_id}", { params: { path: { key_id: id } }, body: { name } }))
        : ok(api.PATCH("/api/v1/endpoints/{endpoint_id}", { params: { path: { endpoint_id: id } }, body: { name } })));
    },
    meta: of === "keys" ? ofKeys : ofEndpoints,
  });

export const useRevoke = (of: Kept) =>
  useMutation({
    mutationFn: async (id: string) => {
      await (of === "keys"
        ? ok(api.DELETE("/api/v1/keys/{key_id}", { params: { path: { key_id: id } } }))
        : ok(api.DELETE("/api/v1/endpoints/{endpoint_id}", { params: { path: { endpoint_id: id } } })));
    },
    meta: { ...(of === "keys" ? ofKeys : ofEndpoints), wait: true },
  });
