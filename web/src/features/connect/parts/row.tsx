import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { AppWindow, MoreHorizontal, Pencil, Plug, RotateCw, Trash2, Undo2 } from "lucide-react";

import { Button } from "@/components/ui/button";
import { Badge } from "@/components/ui/card";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/components/ui/menu";
import { Pause } from "@/features/apps/parts/pause";
import type { App } from "@/features/apps/queries";
import { type Credential, titleOf, works } from "@/features/credentials/queries";
import { projectsQuery } from "@/features/projects/queries";
import { useT } from "@/i18n";
import { nameOf } from "@/lib/clients";
import { useFormat } from "@/lib/format";

/** A client that is connected, or was. */
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
