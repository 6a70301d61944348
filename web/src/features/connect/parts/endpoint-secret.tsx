import { useQuery } from "@tanstack/react-query";
import { CircleCheck, LoaderCircle, Plus } from "lucide-react";
import { useState } from "react";

import { Code } from "@/components/copy";
import { Button } from "@/components/ui/button";
import { SecretGuard } from "@/features/credentials/parts/secret-guard";
import { endpointsQuery } from "@/features/credentials/queries";
import { useT } from "@/i18n";
import type { ClientKind } from "@/lib/clients";

import type { NewEndpoint } from "./new-endpoint";

/** The secret, shown once, with what to do with it. Nothing of it is kept when this is taken away, so it asks before that. */
export function EndpointSecret({ endpoint, kind }: { endpoint: NewEndpoint; kind: ClientKind }) {
  const t = useT();
  const [copied, setCopied] = useState(false);
  const used = useFirstCall(endpoint.id);
  const losing = !copied && used === null;
  return (
    <div className="grid gap-4">
      <p className="rounded-xl bg-warning-soft px-4 py-3 text-sm text-warning">{t.connect.once}</p>
      {kind.install && (
        <Button asChild className="justify-self-start">
          <a href={kind.install(endpoint.http_url)} onClick={() => setCopied(true)}>
            <Plus />
            {t.connect.install(kind.name)}
          </a>
        </Button>
      )}
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
