import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Check, LoaderCircle, PartyPopper } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";

import { CopyButton } from "@/components/copy";
import { PageTitle } from "@/components/frame";
import { Button } from "@/components/ui/button";
import { ClientChoice } from "@/features/connect/parts/client-choice";
import { EndpointSecret, Waiting } from "@/features/connect/parts/endpoint-secret";
import { type NewEndpoint, NewEndpointForm } from "@/features/connect/parts/new-endpoint";
import { KeepButton } from "@/features/memories/parts/keep-button";
import { firstHeldQuery, firstQuery } from "@/features/memories/queries";
import { useT } from "@/i18n";
import { appName } from "@/lib/apps";
import type { ClientKind } from "@/lib/clients";
import { useFormat } from "@/lib/format";
import { because } from "@/lib/held";

/** From a new account to the first memory of one's own client. */
export function Welcome() {
  const t = useT();
  const format = useFormat();
  const [kind, setKind] = useState<ClientKind | "other" | null>(null);
  const [made, setMade] = useState<{ endpoint: NewEndpoint; kind: ClientKind } | null>(null);
  const first = useQuery(firstQuery);
  // What was held back is told as well: nobody waits for what has come already.
  const held = useQuery({ ...firstHeldQuery, enabled: made !== null && !first.data });
  const slow = useSlow(made !== null && !first.data && !held.data);
  const step = made ? 2 : kind ? 1 : 0;
  return (
    <div className="mx-auto max-w-2xl">
      <PageTitle
        title={t.welcome.title}
        actions={
          <Button asChild variant="ghost" size="sm">
            <Link to="/memories">{first.data ? t.welcome.open : t.welcome.skip}</Link>
          </Button>
        }
      />
      <ol className="grid gap-4">
        <Step number={1} title={t.welcome.steps[0] ?? ""} done={step > 0} now={step === 0}>
          {step === 0 ? (
            <>
              <p className="mb-3 text-sm text-subtle">{t.welcome.first}</p>
              <ClientChoice choose={setKind} />
            </>
          ) : (
            <p className="text-sm text-subtle">
              {made ? made.kind.name : kind === "other" ? t.connect.any : kind?.name}{" "}
              {!made && (
                <Button variant="link" size="sm" className="h-auto px-1 py-0" onClick={() => setKind(null)}>
                  {t.common.back}
                </Button>
              )}
            </p>
          )}
        </Step>
        <Step number={2} title={t.welcome.steps[1] ?? ""} done={false} now={step >= 1}>
          {kind && !made && <NewEndpointForm kind={kind} created={(endpoint, of) => setMade({ endpoint, kind: of })} />}
          {made && (
            <div className="grid gap-4">
              <EndpointSecret endpoint={made.endpoint} kind={made.kind} />
              <Waiting endpoint={made.endpoint.id} />
            </div>
          )}
        </Step>
        <Step number={3} title={t.welcome.steps[2] ?? ""} done={Boolean(first.data)} now={step === 2}>
          {(made || first.data) && (
            <div className="grid gap-4">
              {!first.data && (
                <>
                  <p className="text-sm text-subtle">{t.welcome.say}</p>
                  <div className="flex items-center gap-3 rounded-xl bg-muted px-4 py-3">
                    <p className="flex-1">{t.welcome.example}</p>
                    <CopyButton text={t.welcome.example} />
                  </div>
                  <div role="status" className="grid gap-3 text-sm">
                    {held.data ? (
                      <div className="rounded-xl bg-warning-soft px-4 py-3 text-warning">
                        <p className="font-medium">{t.welcome.held}</p>
                        <p className="memory-text mt-2 line-clamp-6 text-foreground">{held.data.content}</p>
                        <p className="mt-2">{t.welcome.heldBecause(because(t, held.data.held_for))}</p>
                        <KeepButton ids={[held.data.id]} className="mt-3 text-foreground" />
                      </div>
                    ) : (
                      <p className="flex items-center gap-2 text-subtle">
                        <LoaderCircle className="size-4 animate-spin" aria-hidden />
                        {t.welcome.waiting}
                      </p>
                    )}
                    {slow && <p>{t.welcome.slow}</p>}
                  </div>
                </>
              )}
              {first.data && (
                <div role="status" className="rounded-xl border border-primary/50 bg-accent px-4 py-3 text-on-accent">
                  <p className="flex items-center gap-2 font-medium">
                    <PartyPopper className="size-4" aria-hidden />
                    {t.welcome.arrived}
                  </p>
                  <p className="memory-text mt-2">{first.data.content}</p>
                  <p className="mt-1 text-sm">
                    {t.memories.by(appName(t, first.data.app_name))} · {format.ago(first.data.created_at)}
                  </p>
                </div>
              )}
              <div className="flex flex-wrap gap-2">
                <Button asChild>
                  <Link to="/memories">{t.welcome.open}</Link>
                </Button>
                <Button asChild variant="outline">
                  <Link to="/connect">{t.welcome.another}</Link>
                </Button>
              </div>
            </div>
          )}
        </Step>
      </ol>
    </div>
  );
}

/** How long somebody waits before they are told what may be wrong, in milliseconds. */
const PATIENCE = 60_000;

function useSlow(waiting: boolean): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    if (!waiting) return setSlow(false);
    const timer = setTimeout(() => setSlow(true), PATIENCE);
    return () => clearTimeout(timer);
  }, [waiting]);
  return slow;
}

function Step({ number, title, done, now, children }: { number: number; title: string; done: boolean; now: boolean; children: ReactNode }) {
  return (
    <li aria-current={now ? "step" : undefined} className="rounded-2xl border bg-surface p-4 sm:p-5">
      <h2 className="flex items-center gap-3 font-semibold">
        <span
          className={`grid size-7 place-items-center rounded-full text-sm ${done || now ? "bg-primary text-on-primary" : "bg-muted text-subtle"}`}
        >
          {done ? <Check className="size-4" aria-hidden /> : number}
        </span>
        {title}
      </h2>
      <div className="pt-3 empty:hidden sm:pl-10">{children}</div>
    </li>
  );
}
