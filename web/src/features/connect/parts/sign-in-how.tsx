import { TriangleAlert } from "lucide-react";

import { config } from "@/api/config";
import { CopyButton } from "@/components/copy";
import { Card, CardTitle } from "@/components/ui/card";
import { useT } from "@/i18n";
import { CLIENTS, type ClientKind, connectCommand, isPublic, signInAddress } from "@/lib/clients";

/** How one client is let in by sign-in. */
function Steps({ of }: { of: NonNullable<ClientKind["signIn"]> }) {
  const t = useT();
  const steps = of.steps(t);
  const command = of.command?.(signInAddress(config().base_url));
  return (
    <>
      {steps.length === 1 ? (
        <p className="text-sm">{steps[0]}</p>
      ) : (
        <ol className="grid list-decimal gap-1 pl-5 text-sm marker:text-subtle">
          {steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      )}
      {command && <Line text={command} long />}
    </>
  );
}

/** One line to paste elsewhere. */
function Line({ text, long = false }: { text: string; long?: boolean }) {
  return (
    <div className="flex flex-wrap items-center justify-end gap-x-3 gap-y-2 rounded-xl border bg-muted py-2 pr-2 pl-4">
      <code className={`min-w-0 flex-1 font-mono text-xs leading-relaxed wrap-anywhere ${long ? "basis-60" : "basis-44"}`}>{text}</code>
      <CopyButton text={text} />
    </div>
  );
}

/** The one address of all clients that sign in. */
function Address() {
  return <Line text={signInAddress(config().base_url)} />;
}

const kind = (id: string) => CLIENTS.find((client) => client.id === id);

/** How clients are let in that need no link. */
export function SignInHow() {
  const t = useT();
  const words = t.connect.signIn;
  const base = config().base_url;
  const [claude, chatgpt, code] = [kind("claude")?.signIn, kind("chatgpt")?.signIn, kind("claude-code")?.signIn];
  return (
    <Card className="mt-8 grid gap-5">
      <div className="grid gap-3">
        <div>
          <CardTitle>{words.title}</CardTitle>
          <p className="mt-1 text-sm text-subtle">{words.lead}</p>
        </div>
        <Address />
      </div>
      {isPublic(base) ? (
        <div className="grid gap-5 md:grid-cols-2">
          {claude && (
            <section className="grid content-start gap-2">
              <h3 className="text-sm font-medium">{words.claude}</h3>
              <Steps of={claude} />
            </section>
          )}
          {chatgpt && (
            <section className="grid content-start gap-2">
              <h3 className="text-sm font-medium">ChatGPT</h3>
              <Steps of={chatgpt} />
            </section>
          )}
        </div>
      ) : (
        <section className="flex gap-3 rounded-xl bg-warning-soft px-4 py-3 text-sm text-warning">
          <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
          <div className="grid gap-1">
            <h3 className="font-medium">{words.cloudTitle}</h3>
            <p className="wrap-anywhere">
              {words.cloud(base)} {words.cloudHow[0]}
              <code className="font-mono text-xs font-semibold">JM_PUBLIC_URL</code>
              {words.cloudHow[1]}
            </p>
          </div>
        </section>
      )}
      {code && (
        <section className="grid gap-2">
          <h3 className="text-sm font-medium">Claude Code</h3>
          <Steps of={code} />
        </section>
      )}
      <p className="text-sm text-subtle">{words.others}</p>
      <section className="grid gap-2 border-t pt-5">
        <h3 className="text-sm font-medium">{words.commandTitle}</h3>
        <p className="text-sm text-subtle">{words.command}</p>
        <Line text={connectCommand(base)} long />
      </section>
    </Card>
  );
}

/** The same for one client, before the form that makes a link for it. */
export function SignInFirst({ kind }: { kind: ClientKind | "other" }) {
  const t = useT();
  if (kind === "other" || !kind.signIn || (kind.remote && !isPublic(config().base_url))) return null;
  return (
    <>
      <section className="grid gap-3 rounded-xl border p-4">
        <h3 className="text-sm font-medium">{t.connect.signIn.inDialog}</h3>
        {!kind.signIn.command && <Address />}
        <Steps of={kind.signIn} />
      </section>
      <p className="-mb-1 text-sm font-medium">{t.connect.signIn.orLink}</p>
    </>
  );
}
