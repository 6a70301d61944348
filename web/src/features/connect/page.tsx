import { useQuery } from "@tanstack/react-query";
import { PlugZap, Plus } from "lucide-react";
import { useState } from "react";

import { PageTitle } from "@/components/frame";
import { Empty, Of } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions, DialogContent } from "@/components/ui/dialog";
import { appsQuery } from "@/features/apps/queries";
import { type Asked, CredentialDialogs } from "@/features/credentials/parts/dialogs";
import { type Credential, endpointsQuery, titleOf, works } from "@/features/credentials/queries";
import { TakeBack } from "@/features/undo/parts/take-back";
import { useT } from "@/i18n";
import { CLIENTS, type ClientKind, otherClient } from "@/lib/clients";

import { ClientChoice } from "./parts/client-choice";
import { EndpointSecret, Waiting } from "./parts/endpoint-secret";
import { type NewEndpoint, NewEndpointForm } from "./parts/new-endpoint";
import { Rotate } from "./parts/rotate";
import { Row } from "./parts/row";

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

      <CredentialDialogs asked={asked} close={() => setAsked(null)} list="endpoints" renameTitle={t.connect.renameTitle} />

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
