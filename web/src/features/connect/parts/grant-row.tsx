import { BadgeCheck, DoorOpen, LogOut } from "lucide-react";

import { Badge } from "@/components/ui/card";
import { MenuItem } from "@/components/ui/menu";
import type { App } from "@/features/apps/queries";
import { type Grant, titleOf } from "@/features/credentials/queries";
import { useT } from "@/i18n";
import { borrowed, nameOf } from "@/lib/clients";
import { useFormat } from "@/lib/format";

import { Entry } from "./entry";

/** A client that was let in. */
export function GrantRow({
  grant,
  app,
  rename,
  takeBack,
  showOut,
}: {
  grant: Grant;
  app: App | undefined;
  rename: () => void;
  takeBack: () => void;
  showOut: () => void;
}) {
  const t = useT();
  const format = useFormat();
  const kind = nameOf(grant.client);
  const words = t.connect.grants;
  return (
    <Entry
      of={grant}
      scopes={grant.scopes}
      project={grant.project_id}
      app={app}
      icon={DoorOpen}
      title={titleOf(grant)}
      ended={words.ended}
      badges={
        <>
          {grant.client_host ? (
            <Badge tone="accent" title={words.vouched(grant.client_host)}>
              <BadgeCheck className="size-3" aria-hidden />
              {grant.client_host}
            </Badge>
          ) : (
            <Badge>{words.registered}</Badge>
          )}
          {grant.imitates && <Badge tone="danger">{words.imitates(borrowed(grant.imitates)[0])}</Badge>}
        </>
      }
      told={
        <>
          {kind !== titleOf(grant) && `${words.as(kind)} · `}
          {grant.redirect_host !== grant.client_host && `${grant.redirect_host ? words.at(grant.redirect_host) : words.here} · `}
          {grant.last_used_at ? `${t.connect.lastUsed} ${format.ago(grant.last_used_at)}` : t.connect.notUsed}
          {" · "}
          {words.since} {format.day(grant.created_at)}
          {grant.expires_at && ` · ${t.connect.expiresAt} ${format.day(grant.expires_at)}`}
        </>
      }
      rename={rename}
      takeBack={takeBack}
      end={
        <MenuItem danger onSelect={showOut}>
          <LogOut />
          {t.connect.showOut.action}
        </MenuItem>
      }
    />
  );
}
