import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";

import { PageTitle } from "@/components/frame";
import { Of } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions, DialogContent } from "@/components/ui/dialog";
import { type Asked, CredentialDialogs } from "@/features/credentials/parts/dialogs";
import { type AnyCredential, type Credential, endpointsQuery, grantsQuery, titleOf } from "@/features/credentials/queries";
import { TakeBack } from "@/features/undo/parts/take-back";
import { useT } from "@/i18n";
import { CLIENTS, type ClientKind, otherClient } from "@/lib/clients";

import { ClientChoice } from "./parts/client-choice";
import { EndpointSecret, Waiting } from "./parts/endpoint-secret";
import { Lists } from "./parts/lists";
import { type NewEndpoint, NewEndpointForm } from "./parts/new-endpoint";
import { Rotate } from "./parts/rotate";
import { SignInHow } from "./parts/sign-in-how";

/** Where the way to a new client is: choosing, setting up, or the address itself. */
type Step = { at: "choose" } | { at: "set-up"; kind: ClientKind | "other" } | { at: "secret"; kind: ClientKind; endpoint: NewEndpoint };

export function Connect() {
  const t = useT();
  const endpoints = useQuery(endpointsQuery);
  const grants = useQuery(grantsQuery);
  const [step, setStep] = useState<Step | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [askedGrant, setAskedGrant] = useState<Asked | null>(null);
  const [rotating, setRotating] = useState<Credential | null>(null);
  const [taking, setTaking] = useState<AnyCredential | null>(null);
  const add = (
    <Button onClick={() => setStep({ at: "choose" })}>
      <Plus />
      {t.connect.add}
    </Button>
  );
  return (
    <>
      <PageTitle title={t.connect.title} lead={t.connect.lead} actions={add} />
      <Of query={grants}>
        {(letIn) => (
          <Of query={endpoints}>
            {(links) => (
              <Lists
                grants={letIn ?? []}
                endpoints={links}
                add={add}
                askGrant={setAskedGrant}
                askEndpoint={setAsked}
                rotate={setRotating}
                takeBack={setTaking}
              />
            )}
          </Of>
        )}
      </Of>
      {grants.data && <SignInHow />}

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
      <CredentialDialogs asked={askedGrant} close={() => setAskedGrant(null)} list="grants" renameTitle={t.connect.renameTitle} />

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
