import { useMutation, useQueryClient } from "@tanstack/react-query";
import * as v from "valibot";

import { type Schemas, api, ok, raw } from "@/api/client";
import { stale } from "@/api/keys";
import { session } from "@/api/session";

import { type Choices, settingsQuery } from "./queries";
import { rulesSchema } from "./schema";

export type Report = Schemas["ImportOut"];

export const useChoose = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (next: Choices) => {
      v.assert(rulesSchema, next);
      return ok(api.PUT("/api/v1/settings", { body: next }));
    },
    onSuccess: (chosen) => client.setQueryData(settingsQuery.queryKey, chosen),
    meta: { stale: stale.ruled },
  });
};

/** The form tells what failed. */
export const useChangePassword = () =>
  useMutation({
    mutationFn: ({ current, next }: { current: string; next: string }) => session.changePassword(current, next),
    meta: { inline: true },
  });

/** All that is remembered, as a file. */
export const useExport = (got: (file: Blob) => void) =>
  useMutation({ mutationFn: async () => (await raw("/api/v1/export")).blob(), onSuccess: got });

/** What a file to import is sent with. */
export interface Sent {
  file: File;
  /** Into which project; "" for those that the file names. */
  project: string;
}

async function send({ file, project }: Sent, dry: boolean): Promise<Report> {
  const query = new URLSearchParams({ ...(dry ? { dry_run: "true" } : {}), ...(project ? { project_id: project } : {}) });
  const headers = { "content-type": file.name.endsWith(".zip") ? "application/zip" : "application/x-ndjson" };
  return (await raw(`/api/v1/import?${query}`, { method: "POST", headers, body: file })).json() as Promise<Report>;
}

/** What an import would do. */
export const useTryImport = () => useMutation({ mutationFn: (sent: Sent) => send(sent, true) });

export const useImport = () => useMutation({ mutationFn: (sent: Sent) => send(sent, false), meta: { stale: stale.written } });

/** The dialog tells what failed. */
export const useErase = () =>
  useMutation({
    mutationFn: async (password: string | undefined) => {
      await ok(api.DELETE("/api/v1/account", { body: { confirm: true, ...(password === undefined ? {} : { password }) } }));
      await session.signOut();
    },
    meta: { inline: true },
  });
