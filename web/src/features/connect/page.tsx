import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { AppWindow, MoreHorizontal, Pencil, Plug, PlugZap, Plus, RotateCw, Trash2, Undo2 } from "lucide-react";
import { useState } from "react";

import { api, ok } from "@/api/client";
import { type App, type Credential, appsQuery, endpointsQuery, projectsQuery, works } from "@/api/queries";
import { ClientChoice, EndpointSecret, type NewEndpoint, NewEndpointForm, Waiting } from "@/features/connect/parts/new-endpoint";
import { type Asked, CredentialDialogs, titleOf } from "@/features/credentials/parts/dialogs";
import { PageTitle } from "@/components/frame";
import { Pause } from "@/features/apps/parts/pause";
import { TakeBack } from "@/features/undo/parts/take-back";
import { Empty, Of, useProblem } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Badge } from "@/components/ui/card";
import { Dialog, DialogActions, DialogClose, DialogContent } from "@/components/ui/dialog";
import { Field, Select } from "@/components/ui/field";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/components/ui/menu";
import { useT } from "@/i18n";
import { CLIENTS, type ClientKind, nameOf, otherClient } from "@/lib/clients";
import { useFormat } from "@/lib/format";

/** Where the way to a new client is: choosing, setting up, or the address itself. */
type Step = { at: "choose" } | { at: "set-up"; kind: ClientKind | "other" } | { at: "secret"; kind: ClientKind; endpoint: NewEndpoint };

export function Connect() {
  const t = useT();
  const endpoints = useQuery(endpointsQuery);
  const apps = useQuery(appsQuery);
  const [step, setStep] = useState<Step | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [rotating, setRotating] = useState<Credential | null>(null);
  const [taking, setTaking] = useState<Credential | null>(null);
  const [ended, setEnded] = useState(false);
  const add = (
    <Button onClick={() => setStep({ at: "choose" })}>
      <Plus />
      {t.connect.add}
    </Button>
  );
  return (
    <>
      <PageTitle title={t.connect.title} lead={t.connect.lead} actions={add} />
      <Of query={endpoints}>
        {(all) => {
          const working = all.filter(works);
          const shown = ended ? all : working;
          return (
            <div className="grid gap-4">
              {shown.length === 0 ? (
                <Empty icon={<PlugZap />} title={t.connect.emptyTitle} action={add}>
                  {t.connect.empty}
                </Empty>
              ) : (
                <ul aria-label={t.connect.yours} className="grid gap-3">
                  {shown.map((endpoint) => (
                    <Row
                      key={endpoint.id}
                      endpoint={endpoint}
                      app={apps.data?.find((app) => app.name === endpoint.client)}
                      twin={shown.some((other) => other.id !== endpoint.id && titleOf(other) === titleOf(endpoint))}
                      rotate={() => setRotating(endpoint)}
                      rename={() => setAsked({ to: "rename", of: endpoint })}
                      takeBack={() => setTaking(endpoint)}
                      revoke={() => setAsked({ to: "revoke", of: endpoint })}
                    />
                  ))}
                </ul>
              )}
              {working.length < all.length && (
                <label className="flex items-center gap-2 justify-self-start text-sm text-subtle">
                  <input
                    type="checkbox"
                    className="size-4 accent-primary"
                    checked={ended}
                    onChange={(event) => setEnded(event.target.checked)}
                  />
                  {t.connect.showRevoked}
                </label>
              )}
            </div>
          );
        }}
      </Of>

      <Dialog open={step !== null} onOpenChange={(open) => !open && setStep(null)}>
        {step?.at === "choose" && (
          <DialogContent title={t.connect.choose} className="max-w-2xl">
            <ClientChoice choose={(kind) => setStep({ at: "set-up", kind })} />
          </DialogContent>
        )}
        {step?.at === "set-up" && (
          <DialogContent title={step.kind === "other" ? t.connect.any : t.connect.howTitle(step.kind.name)}>
            <NewEndpointForm kind={step.kind} created={(endpoint, kind) => setStep({ at: "secret", kind, endpoint })} />
          </DialogContent>
        )}
        {step?.at === "secret" && (
          <DialogContent title={t.connect.howTitle(step.kind.name)}>
            <div className="grid gap-4">
              <EndpointSecret endpoint={step.endpoint} kind={step.kind} />
              <Waiting endpoint={step.endpoint.id} />
            </div>
            <DialogActions>
              <Button onClick={() => setStep(null)}>{t.connect.close}</Button>
            </DialogActions>
          </DialogContent>
        )}
      </Dialog>

      <Dialog open={rotating !== null} onOpenChange={(open) => !open && setRotating(null)}>
        {rotating && (
          <Rotate
            endpoint={rotating}
            rotated={(endpoint) => {
              setRotating(null);
              const kind = CLIENTS.find((each) => each.id === endpoint.client) ?? otherClient(endpoint.client);
              setStep({ at: "secret", kind, endpoint });
            }}
          />
        )}
      </Dialog>

      <CredentialDialogs
        asked={asked}
        close={() => setAsked(null)}
        list="endpoints"
        renameTitle={t.connect.renameTitle}
        rename={(id, name) => ok(api.PATCH("/api/v1/endpoints/{endpoint_id}", { params: { path: { endpoint_id: id } }, body: { name } }))}
        revoke={(id) => ok(api.DELETE("/api/v1/endpoints/{endpoint_id}", { params: { path: { endpoint_id: id } } }))}
      />

      <TakeBack
        key={taking?.id}
        name={taking ? titleOf(taking) : ""}
        author={{ credential_id: taking?.id ?? null }}
        open={taking !== null}
        onOpenChange={(open) => !open && setTaking(null)}
      />
    </>
  );
}

function Row({
  endpoint,
  app,
  twin,
  rotate,
  rename,
  takeBack,
  revoke,
}: {
  endpoint: Credential;
  /** What it calls as; there is none before its first call. */
  app: App | undefined;
  /** Another one has the same name. */
  twin: boolean;
  rotate: () => void;
  rename: () => void;
  takeBack: () => void;
  revoke: () => void;
}) {
  const t = useT();
  const format = useFormat();
  const projects = useQuery(projectsQuery);
  const project = endpoint.project_id && (projects.data?.find((each) => each.id === endpoint.project_id)?.name ?? t.connect.project);
  const working = works(endpoint);
  const kind = nameOf(endpoint.client);
  const title = twin ? `${titleOf(endpoint)} · ${endpoint.hint}…` : titleOf(endpoint);
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-2xl border bg-surface p-4">
      <span
        aria-hidden
        className={`grid size-10 place-items-center rounded-xl ${working ? "bg-accent text-on-accent" : "bg-muted text-subtle"}`}
      >
        <Plug className="size-5" />
      </span>
      <div className="min-w-0 flex-1 basis-48">
        <p className="flex flex-wrap items-center gap-2">
          <span className="truncate font-medium">{title}</span>
          {endpoint.revoked_at ? (
            <Badge tone="danger">{t.connect.revoked}</Badge>
          ) : !working ? (
            <Badge tone="warning">{t.connect.expired}</Badge>
          ) : null}
          {app && !app.is_active && <Badge tone="warning">{t.connect.paused}</Badge>}
          {project && <Badge>{t.connect.limitedTo(project)}</Badge>}
        </p>
        <p className="mt-0.5 text-sm text-subtle">
          {kind !== titleOf(endpoint) && `${kind} · `}
          {endpoint.last_used_at ? `${t.connect.lastUsed} ${format.ago(endpoint.last_used_at)}` : t.connect.notUsed}
          {" · "}
          {t.connect.created} {format.day(endpoint.created_at)}
          {endpoint.expires_at && ` · ${t.connect.expiresAt} ${format.day(endpoint.expires_at)}`}
        </p>
        <p className="mt-1 flex flex-wrap gap-1">
          {endpoint.scopes.map((scope) => (
            <Badge key={scope}>{t.connect.scope[scope] ?? scope}</Badge>
          ))}
          {!twin && <Badge className="font-mono">{endpoint.hint}…</Badge>}
        </p>
      </div>
      {app && working && (
        <span title={t.connect.pauses(kind)}>
          <Pause app={app} />
        </span>
      )}
      <Menu>
        <MenuTrigger asChild>
          <Button variant="ghost" size="icon" aria-label={`${t.common.moreActions}: ${title}`}>
            <MoreHorizontal />
          </Button>
        </MenuTrigger>
        <MenuContent align="end">
          <MenuItem onSelect={rename}>
            <Pencil />
            {t.common.rename}
          </MenuItem>
          {working && (
            <MenuItem onSelect={rotate}>
              <RotateCw />
              {t.connect.rotate}
            </MenuItem>
          )}
          {app && (
            <MenuItem asChild>
              <Link to="/apps/$id" params={{ id: app.id }}>
                <AppWindow />
                {t.apps.activity}
              </Link>
            </MenuItem>
          )}
          <MenuItem onSelect={takeBack}>
            <Undo2 />
            {t.takeBack.open}
          </MenuItem>
          {working && (
            <MenuItem danger onSelect={revoke}>
              <Trash2 />
              {t.connect.revoke}
            </MenuItem>
          )}
        </MenuContent>
      </Menu>
    </li>
  );
}

function Rotate({ endpoint, rotated }: { endpoint: Credential; rotated: (endpoint: NewEndpoint) => void }) {
  const t = useT();
  const client = useQueryClient();
  const problem = useProblem();
  const [grace, setGrace] = useState("0");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const go = async () => {
    setBusy(true);
    try {
      const params = { path: { endpoint_id: endpoint.id } };
      const body = { grace_secs: Number(grace) };
      const next = await ok(api.POST("/api/v1/endpoints/{endpoint_id}/rotate", { params, body }));
      void client.invalidateQueries({ queryKey: ["endpoints"] });
      rotated(next);
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <DialogContent title={t.connect.rotateTitle(titleOf(endpoint))} description={t.connect.rotateText}>
      <Field label={t.connect.rotateGrace}>
        {(ids) => (
          <Select {...ids} value={grace} onChange={(event) => setGrace(event.target.value)}>
            {Object.entries(t.connect.graces).map(([secs, label]) => (
              <option key={secs} value={secs}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {error !== null && (
        <p role="alert" className="mt-3 text-sm text-danger">
          {problem(error)}
        </p>
      )}
      <DialogActions>
        <DialogClose asChild>
          <Button variant="outline">{t.common.cancel}</Button>
        </DialogClose>
        <Button disabled={busy} onClick={() => void go()}>
          {t.connect.rotate}
        </Button>
      </DialogActions>
    </DialogContent>
  );
}
