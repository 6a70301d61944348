import { queryOptions } from "@tanstack/react-query";

import { type Schemas, api, ok } from "@/api/client";
import { keys } from "@/api/keys";
import { nameOf } from "@/lib/clients";

export type Credential = Schemas["Credential"];

export const endpointsQuery = queryOptions({
  queryKey: keys.endpoints,
  queryFn: async () => (await ok(api.GET("/api/v1/endpoints/"))).endpoints,
});

export const keysQuery = queryOptions({ queryKey: keys.keys, queryFn: async () => (await ok(api.GET("/api/v1/keys/"))).keys });

/** Whether a credential is neither revoked nor past its end. */
export const works = (credential: Credential): boolean =>
  !credential.revoked_at && !(credential.expires_at && Date.parse(credential.expires_at) <= Date.now());

/** What a credential is called: by its name, or as the client that it is for. */
export const titleOf = ({ name, client }: Credential) => (name === client ? nameOf(client) : name);
