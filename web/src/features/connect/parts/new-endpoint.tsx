import { useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleCheck, LoaderCircle, Plug } from "lucide-react";
import { useState } from "react";

import { type Schemas, api, ok } from "@/api/client";
import { config } from "@/api/config";
import { type Credential, endpointsQuery, projectsQuery, works } from "@/api/queries";
import { useT } from "@/i18n";
import { CLIENTS, type ClientKind, fitsAsLabel, isPublic, nameOf, otherClient } from "@/lib/clients";

import { Code } from "@/components/copy";
import { OF_CLIENTS, Scopes, USUAL } from "@/features/credentials/parts/scopes";
import { SecretGuard } from "@/features/credentials/parts/secret-guard";
import { useProblem } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useGuard } from "@/components/ui/dialog";
import { Field, Input, Select } from "@/components/ui/field";

export type NewEndpoint = Schemas["EndpointSecret"];

const EXPIRY = { never: 0, d7: 7, d30: 30, d90: 90, d365: 365 } as const;

/** The programs to choose from. */
export function ClientChoice({ choose }: { choose: (kind: ClientKind | "other") => void }) {
  const t = useT();
  return (
    <ul className="grid grid-cols-2 gap-2 sm:grid-cols-3">
      {CLIENTS.map((kind) => (
        <li key={kind.id}>
          <button
            type="button"
            onClick={() => choose(kind)}
            className="flex h-full w-full items-center gap-2.5 rounded-xl border bg-surface px-3 py-3 text-left text-sm font-medium hover:border-primary hover:bg-accent hover:text-on-accent"
          >
            <Plug className="size-4 shrink-0 text-primary" aria-hidden />
            {kind.name}
          </button>
        </li>
      ))}
      <li className="col-span-2 sm:col-span-3">
        <button
          type="button"
          onClick={() => choose("other")}
          className="w-full rounded-xl border border-dashed border-control px-3 py-3 text-left text-sm hover:border-primary hover:bg-accent hover:text-on-accent"
        >
          <span className="font-medium">{t.connect.any}</span>
          <span className="block text-subtle">{t.connect.anyHint}</span>
        </button>
      </li>
    </ul>
  );
}

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
  const client = useQueryClient();
  const problem = useProblem();
  const projects = useQuery(projectsQuery);
  const endpoints = useQuery(endpointsQuery);
  const [label, setLabel] = useState("");
  const [typedName, setName] = useState<string | null>(null);
  const [scopes, setScopes] = useState(USUAL);
  const [project, setProject] = useState("");
  const [expiry, setExpiry] = useState<keyof typeof EXPIRY>("never");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const own = kind === "other" ? label.trim().toLowerCase() : kind.id;
  /** Links of this client that work already: this one needs a name of its own beside them. */
  const others = endpoints.data?.filter((each) => each.client === own && works(each)) ?? [];
  const suggested = others.length === 0 ? "" : nextName(nameOf(own), others);
  const name = typedName ?? suggested;
  useGuard(label !== "" || (typedName ?? "") !== "" || scopes !== USUAL || project !== "" || expiry !== "never", "unsaved");
  const create = async () => {
    const of = kind === "other" ? otherClient(label.trim().toLowerCase()) : kind;
    if (!fitsAsLabel(of.id)) return setError(t.connect.clientHint);
    setBusy(true);
    setError(null);
    try {
      const days = EXPIRY[expiry];
      const endpoint = await ok(
        api.POST("/api/v1/endpoints/", {
          body: {
            client: of.id,
            ...(name.trim() ? { name: name.trim() } : {}),
            scopes,
            ...(project ? { project_id: project } : {}),
            ...(days ? { expires_at: new Date(Date.now() + days * 86_400_000).toISOString() } : {}),
          },
        }),
      );
      void client.invalidateQueries({ queryKey: ["endpoints"] });
      created(endpoint, of);
    } catch (failure) {
      setError(problem(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void create();
      }}
    >
      {kind !== "other" && kind.remote && !isPublic(config().base_url) && (
        <p className="rounded-xl bg-warning-soft px-4 py-3 text-sm text-warning">{t.connect.needsPublic(kind.name)}</p>
      )}
      {kind === "other" && (
        <Field label={t.connect.client} hint={t.connect.clientHint}>
          {(ids) => <Input {...ids} value={label} required onChange={(event) => setLabel(event.target.value)} placeholder="my-client" />}
        </Field>
      )}
      {others.length > 0 && (
        <Field label={t.connect.label} hint={t.connect.labelAgain(nameOf(own))}>
          {(ids) => <Input {...ids} value={name} required maxLength={100} onChange={(event) => setName(event.target.value)} />}
        </Field>
      )}
      <details className="rounded-xl border px-4 py-3">
        <summary className="text-sm font-medium">{t.connect.options}</summary>
        <div className="grid gap-4 pt-4">
          {others.length === 0 && (
            <Field label={`${t.connect.label} (${t.common.optional})`} hint={t.connect.labelHint}>
              {(ids) => <Input {...ids} value={name} maxLength={100} onChange={(event) => setName(event.target.value)} />}
            </Field>
          )}
          <Scopes offered={OF_CLIENTS} chosen={scopes} choose={setScopes} />
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label={t.connect.project}>
              {(ids) => (
                <Select {...ids} value={project} onChange={(event) => setProject(event.target.value)}>
                  <option value="">{t.connect.allProjects}</option>
                  {projects.data?.map((each) => (
                    <option key={each.id} value={each.id}>
                      {each.name}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
            <Field label={t.connect.expires}>
              {(ids) => (
                <Select {...ids} value={expiry} onChange={(event) => setExpiry(event.target.value as keyof typeof EXPIRY)}>
                  {Object.entries(t.connect.expiry).map(([key, label]) => (
                    <option key={key} value={key}>
                      {label}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
          </div>
        </div>
      </details>
      {error && (
        <p role="alert" className="text-sm text-danger">
          {error}
        </p>
      )}
      <Button type="submit" disabled={busy || scopes.length === 0} className="justify-self-end">
        {t.connect.create}
      </Button>
    </form>
  );
}

/** The secret, shown once, with what to do with it. Nothing of it is kept when this is taken away, so it asks before that. */
export function EndpointSecret({ endpoint, kind }: { endpoint: NewEndpoint; kind: ClientKind }) {
  const t = useT();
  const [copied, setCopied] = useState(false);
  const used = useFirstCall(endpoint.id);
  const losing = !copied && used === null;
  return (
    <div className="grid gap-4">
      <p className="rounded-xl bg-warning-soft px-4 py-3 text-sm text-warning">{t.connect.once}</p>
      {kind.how(t, { http: endpoint.http_url, sse: endpoint.sse_url }).map(({ text, code }) => (
        <div key={text} className="grid gap-2">
          <p className="text-sm">{text}</p>
          <Code text={code} label={text} copied={() => setCopied(true)} />
        </div>
      ))}
      <SecretGuard losing={losing} />
    </div>
  );
}

/** When an endpoint was called first; null while it was not. */
function useFirstCall(endpoint: string): string | null {
  // Live events make the list be read anew; the interval is for a page that gets none.
  const used = useQuery({
    ...endpointsQuery,
    refetchInterval: (query) => (query.state.data?.find((each) => each.id === endpoint)?.last_used_at ? false : 5000),
    select: (endpoints) => endpoints.find((each) => each.id === endpoint)?.last_used_at ?? null,
  });
  return used.data ?? null;
}

/** Waits for the first call of an endpoint, and says so. */
export function Waiting({ endpoint }: { endpoint: string }) {
  const t = useT();
  const connected = useFirstCall(endpoint) !== null;
  return (
    <div
      role="status"
      className={`flex items-start gap-3 rounded-xl border px-4 py-3 text-sm ${connected ? "border-primary/50 bg-accent text-on-accent" : ""}`}
    >
      {connected ? (
        <CircleCheck className="mt-0.5 size-4 shrink-0" aria-hidden />
      ) : (
        <LoaderCircle className="mt-0.5 size-4 shrink-0 animate-spin text-subtle" aria-hidden />
      )}
      <div>
        <p className="font-medium">{connected ? t.connect.connected : t.connect.waiting}</p>
        {!connected && <p className="text-subtle">{t.connect.waitingHint}</p>}
      </div>
    </div>
  );
}
