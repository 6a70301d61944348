import { Plug, RotateCw, Trash2 } from "lucide-react";

import { Badge } from "@/components/ui/card";
import { MenuItem } from "@/components/ui/menu";
import type { App } from "@/features/apps/queries";
import { type Credential, titleOf } from "@/features/credentials/queries";
import { useT } from "@/i18n";
import { nameOf } from "@/lib/clients";
import { useFormat } from "@/lib/format";

import { Entry } from "./entry";

/** A client that has a link of its own. */
export function Row({
  endpoint,
  app,
  twin,
  rotate,
  rename,
  takeBack,
  revoke,
}: {
  endpoint: Credential;
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
  const kind = nameOf(endpoint.client);
  return (
    <Entry
      of={endpoint}
      scopes={endpoint.scopes}
      project={endpoint.project_id}
      app={app}
      icon={Plug}
      title={twin ? `${titleOf(endpoint)} · ${endpoint.hint}…` : titleOf(endpoint)}
      ended={t.connect.revoked}
      told={
        <>
          {kind !== titleOf(endpoint) && `${kind} · `}
          {endpoint.last_used_at ? `${t.connect.lastUsed} ${format.ago(endpoint.last_used_at)}` : t.connect.notUsed}
          {" · "}
          {t.connect.created} {format.day(endpoint.created_at)}
          {endpoint.expires_at && ` · ${t.connect.expiresAt} ${format.day(endpoint.expires_at)}`}
        </>
      }
      tail={!twin && <Badge className="font-mono">{endpoint.hint}…</Badge>}
      rename={rename}
      takeBack={takeBack}
      renew={
        <MenuItem onSelect={rotate}>
          <RotateCw />
          {t.connect.rotate}
        </MenuItem>
      }
      end={
        <MenuItem danger onSelect={revoke}>
          <Trash2 />
          {t.connect.revoke}
        </MenuItem>
      }
    />
  );
}
