import { queryOptions } from "@tanstack/react-query";

import { type Schemas, api, ok } from "@/api/client";
import { ApiError } from "@/api/error";
import { keys } from "@/api/keys";
import { nameOf } from "@/lib/clients";

export type Credential = Schemas["Credential"];
/** A client that was let in. */
export type Grant = Schemas["Grant"];
/** What any of them has: how it is called, and until when it works. */
export type AnyCredential = Pick<Credential, "id" | "name" | "client" | "expires_at" | "revoked_at">;

export const endpointsQuery = queryOptions({
  queryKey: keys.endpoints,
  queryFn: async () => (await ok(api.GET("/api/v1/endpoints/"))).endpoints,
});

export const keysQuery = queryOptions({ queryKey: keys.keys, queryFn: async () => (await ok(api.GET("/api/v1/keys/"))).keys });

/** Null where the server lets no clients in. */
export const grantsQuery = queryOptions({
  queryKey: keys.grants,
  queryFn: async () => {
    try {
      return (await ok(api.GET("/api/v1/grants/"))).grants;
    } catch (error) {
      if (error instanceof ApiError && error.code === "disabled") return null;
      throw error;
    }
  },
});

/** Whether a credential is neither revoked nor past its end. */
export const works = (credential: AnyCredential): boolean =>
  !credential.revoked_at && !(credential.expires_at && Date.parse(credential.expires_at) <= Date.now());

/** What a credential is called: by its name, or as the client that it is for. */
export const titleOf = ({ name, client }: AnyCredential) => (name === client ? nameOf(client) : name);
