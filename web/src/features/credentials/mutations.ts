import { useMutation } from "@tanstack/react-query";

import { type Schemas, api, ok } from "@/api/client";
import { stale } from "@/api/keys";

/** What a dialog asks for, told there where it fails. */
const ofEndpoints = { stale: stale.endpoints, inline: true };
const ofKeys = { stale: stale.keys, inline: true };

const ofGrants = { stale: stale.grants, inline: true };

/** Which credentials: the links of clients, the keys of programs, or clients that were let in. */
export type Kept = "endpoints" | "keys" | "grants";

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

const CALLS = {
  endpoints: {
    meta: ofEndpoints,
    rename: (id: string, name: string) =>
      ok(api.PATCH("/api/v1/endpoints/{endpoint_id}", { params: { path: { endpoint_id: id } }, body: { name } })),
    revoke: (id: string) => ok(api.DELETE("/api/v1/endpoints/{endpoint_id}", { params: { path: { endpoint_id: id } } })),
  },
  keys: {
    meta: ofKeys,
    rename: (id: string, name: string) => ok(api.PATCH("/api/v1/keys/{key_id}", { params: { path: { key_id: id } }, body: { name } })),
    revoke: (id: string) => ok(api.DELETE("/api/v1/keys/{key_id}", { params: { path: { key_id: id } } })),
  },
  grants: {
    meta: ofGrants,
    rename: (id: string, name: string) =>
      ok(api.PATCH("/api/v1/grants/{grant_id}", { params: { path: { grant_id: id } }, body: { name } })),
    revoke: (id: string) => ok(api.DELETE("/api/v1/grants/{grant_id}", { params: { path: { grant_id: id } } })),
  },
};

export const useRename = (of: Kept) =>
  useMutation({
    mutationFn: async ({ id, name }: { id: string; name: string }) => {
      await CALLS[of].rename(id, name);
    },
    meta: CALLS[of].meta,
  });

export const useRevoke = (of: Kept) =>
  useMutation({
    mutationFn: async (id: string) => {
      await CALLS[of].revoke(id);
    },
    meta: { ...CALLS[of].meta, wait: true },
  });
