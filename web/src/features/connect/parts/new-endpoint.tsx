import { useQuery } from "@tanstack/react-query";
import type { ChangeEvent } from "react";
import * as v from "valibot";

import type { Schemas } from "@/api/client";
import { config } from "@/api/config";
import { Wrong } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useGuard } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { EXPIRY, expirySchema } from "@/features/credentials/expiry";
import { useAddEndpoint } from "@/features/credentials/mutations";
import { Bounds } from "@/features/credentials/parts/bounds";
import { OF_CLIENTS, Scopes, USUAL } from "@/features/credentials/parts/scopes";
import { type Credential, endpointsQuery, grantsQuery, works } from "@/features/credentials/queries";
import { useT } from "@/i18n";
import { type ClientKind, fitsAsLabel, isPublic, nameOf, otherClient } from "@/lib/clients";
import { useForm } from "@/lib/form";
import { quietly } from "@/lib/quietly";

import { SignInFirst } from "./sign-in-how";

export type NewEndpoint = Schemas["EndpointSecret"];

const schema = v.object({
  /** The client, where it is none of those that are known. */
  label: v.pipe(v.string(), v.trim(), v.toLowerCase(), v.check(fitsAsLabel)),
  /** Null while it is the one that is suggested. */
  name: v.nullable(v.pipe(v.string(), v.maxLength(100))),
  scopes: v.pipe(v.array(v.string()), v.minLength(1)),
  project: v.string(),
  expiry: expirySchema,
});

/** "Cursor 2", or the next number that none of these has. */
function nextName(name: string, others: Credential[]): string {
  const taken = new Set(others.map((each) => each.name));
  let number = others.length + 1;
  while (taken.has(`${name} ${number}`)) number += 1;
  return `${name} ${number}`;
}

/** Makes a credential for one client. */
export function NewEndpointForm({
  kind,
  created,
}: {
  kind: ClientKind | "other";
  created: (endpoint: NewEndpoint, kind: ClientKind) => void;
}) {
  const t = useT();
  const endpoints = useQuery(endpointsQuery);
  const grants = useQuery(grantsQuery);
  const { values, set, errors, changed, bind, onSubmit } = useForm(schema, {
    label: kind === "other" ? "" : kind.id,
    name: null,
    scopes: USUAL,
    project: "",
    expiry: "never",
  });
  const add = useAddEndpoint();
  const own = values.label.trim().toLowerCase();
  /** Links of this client that work already: this one needs a name of its own beside them. */
  const others = endpoints.data?.filter((each) => each.client === own && works(each)) ?? [];
  const suggested = others.length === 0 ? "" : nextName(nameOf(own), others);
  const name = values.name ?? suggested;
  const setName = ({ target }: ChangeEvent<HTMLInputElement>) => set({ name: target.value === suggested ? null : target.value });
  useGuard(changed, "unsaved");
  const create = async ({ label, scopes, project, expiry }: v.InferOutput<typeof schema>) => {
    const days = EXPIRY[expiry];
    const endpoint = await add.mutateAsync({
      client: label,
      ...(name.trim() ? { name: name.trim() } : {}),
      scopes,
      ...(project ? { project_id: project } : {}),
      ...(days ? { expires_at: new Date(Date.now() + days * 86_400_000).toISOString() } : {}),
    });
    created(endpoint, kind === "other" ? otherClient(label) : kind);
  };
  return (
    <div className="grid gap-4">
      {grants.data && <SignInFirst kind={kind} />}
      <form className="grid gap-4" onSubmit={onSubmit((sent) => quietly(create(sent)))}>
        {kind !== "other" && kind.remote && !isPublic(config().base_url) && (
          <p className="rounded-xl bg-warning-soft px-4 py-3 text-sm text-warning">{t.connect.needsPublic(kind.name)}</p>
        )}
        {kind === "other" && (
          <Field label={t.connect.client} hint={t.connect.clientHint}>
            {(ids) => <Input {...ids} {...bind("label")} required placeholder="my-client" />}
          </Field>
        )}
        {others.length > 0 && (
          <Field label={t.connect.label} hint={t.connect.labelAgain(nameOf(own))}>
            {(ids) => <Input {...ids} value={name} required maxLength={100} onChange={setName} />}
          </Field>
        )}
        <details className="rounded-xl border px-4 py-3">
          <summary className="text-sm font-medium">{t.connect.options}</summary>
          <div className="grid gap-4 pt-4">
            {others.length === 0 && (
              <Field label={`${t.connect.label} (${t.common.optional})`} hint={t.connect.labelHint}>
                {(ids) => <Input {...ids} value={name} maxLength={100} onChange={setName} />}
              </Field>
            )}
            <Scopes offered={OF_CLIENTS} chosen={values.scopes} choose={(chosen) => set({ scopes: chosen })} />
            <Bounds bind={bind} />
          </div>
        </details>
        <Wrong error={errors.label ? t.connect.clientHint : add.error} />
        <Button type="submit" disabled={add.isPending || values.scopes.length === 0} className="justify-self-end">
          {t.connect.create}
        </Button>
      </form>
    </div>
  );
}
