import { BadgeCheck, CircleHelp, ShieldAlert, SquareTerminal, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

import { useT } from "@/i18n";
import { borrowed } from "@/lib/clients";
import { cn } from "@/lib/cn";

import type { Request } from "../queries";

/** Who asks, and what of it is known. What a program says of itself is shown as no more than that. */
export function Who({ asked: { client, redirect_host, approved_before } }: { asked: Request }) {
  const t = useT();
  const Icon = client.host ? BadgeCheck : CircleHelp;
  const here = redirect_host === null || redirect_host === undefined;
  const [name, own] = borrowed(client.imitates ?? "");
  return (
    <div className="grid gap-3">
      <div className="flex gap-3.5 rounded-xl border p-4">
        <Mark tone={client.host ? "accent" : "warning"}>
          <Icon className="size-5" />
        </Mark>
        <div className="grid min-w-0 gap-0.5">
          <p className="font-semibold wrap-anywhere">
            {client.host && `${client.host}: `}
            <bdi>{client.name}</bdi>
          </p>
          {client.host ? (
            <p className="text-sm text-subtle">{(here ? t.authorize.vouchedName : t.authorize.vouched)(client.host)}</p>
          ) : (
            <p className="text-sm text-subtle">
              <span className="font-medium text-warning">{t.authorize.unverified}</span> {t.authorize.unverifiedHint}
            </p>
          )}
          {approved_before && <p className="text-sm text-subtle">{t.authorize.before}</p>}
        </div>
      </div>
      {client.imitates && <Told tone="danger">{t.authorize.imitates(name, redirect_host ?? client.host ?? "", own)}</Told>}
      {here ? (
        <Told tone="warning">{t.authorize.loopback}</Told>
      ) : (
        <p className="text-sm">
          {t.authorize.back[0]}
          <strong className="font-semibold wrap-anywhere">{redirect_host}</strong>
          {t.authorize.back[1]}
        </p>
      )}
    </div>
  );
}

/** The command line that waits in a terminal with this code. */
export function Terminal({ code }: { code: string }) {
  const t = useT();
  return (
    <div className="grid gap-3">
      <div className="flex gap-3.5 rounded-xl border p-4">
        <Mark tone="accent">
          <SquareTerminal className="size-5" />
        </Mark>
        <div className="grid min-w-0 gap-0.5">
          <p className="font-semibold">{t.authorize.commandLine}</p>
          <p className="text-sm text-subtle">
            {t.authorize.terminal} <span className="font-mono font-semibold tracking-wider whitespace-nowrap text-foreground">{code}</span>
          </p>
        </div>
      </div>
      <Told tone="warning">{t.authorize.terminalWarning}</Told>
    </div>
  );
}

function Mark({ tone, children }: { tone: "accent" | "warning"; children: ReactNode }) {
  return (
    <span
      aria-hidden
      className={cn(
        "grid size-10 shrink-0 place-items-center rounded-xl",
        tone === "accent" ? "bg-accent text-on-accent" : "bg-warning-soft text-warning",
      )}
    >
      {children}
    </span>
  );
}

function Told({ tone, children }: { tone: "warning" | "danger"; children: ReactNode }) {
  const Icon = tone === "danger" ? ShieldAlert : TriangleAlert;
  return (
    <p
      role={tone === "danger" ? "alert" : undefined}
      className={cn(
        "flex gap-2.5 rounded-xl px-4 py-3 text-sm wrap-anywhere",
        tone === "danger" ? "bg-danger-soft font-medium text-danger" : "bg-warning-soft text-warning",
      )}
    >
      <Icon className="mt-0.5 size-4 shrink-0" aria-hidden />
      <span>{children}</span>
    </p>
  );
}
