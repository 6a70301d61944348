import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { AppWindow, Brain, MoreHorizontal, Pencil, Undo2 } from "lucide-react";
import type { ComponentType, ReactNode } from "react";

import { Button } from "@/components/ui/button";
import { Badge } from "@/components/ui/card";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/components/ui/menu";
import { Pause } from "@/features/apps/parts/pause";
import type { App } from "@/features/apps/queries";
import { works } from "@/features/credentials/queries";
import type { AnyCredential } from "@/features/credentials/queries";
import { projectsQuery } from "@/features/projects/queries";
import { useT } from "@/i18n";
import { nameOf } from "@/lib/clients";

/** A client that is connected, or was: what its links and its grants have in common. */
export function Entry({
  of,
  scopes,
  project: bound,
  app,
  icon: Icon,
  title,
  ended,
  badges,
  told,
  tail,
  rename,
  takeBack,
  renew,
  end,
}: {
  of: AnyCredential;
  scopes: string[];
  /** The only project that it opens. */
  project: string | null | undefined;
  /** What it calls as; there is none before its first call. */
  app: App | undefined;
  icon: ComponentType<{ className?: string }>;
  title: string;
  /** What it is called that it was ended. */
  ended: string;
  badges?: ReactNode;
  told: ReactNode;
  /** Behind its permissions. */
  tail?: ReactNode;
  rename: () => void;
  takeBack: () => void;
  /** An entry of its menu, while it works. */
  renew?: ReactNode;
  /** The last entry of its menu, while it works. */
  end: ReactNode;
}) {
  const t = useT();
  const projects = useQuery(projectsQuery);
  const project = bound && (projects.data?.find((each) => each.id === bound)?.name ?? t.connect.project);
  const working = works(of);
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-2xl border bg-surface p-4">
      <span
        aria-hidden
        className={`grid size-10 place-items-center rounded-xl ${working ? "bg-accent text-on-accent" : "bg-muted text-subtle"}`}
      >
        <Icon className="size-5" />
      </span>
      <div className="min-w-0 flex-1 basis-48">
        <p className="flex flex-wrap items-center gap-2">
          <span className="truncate font-medium">{title}</span>
          {badges}
          {of.revoked_at ? <Badge tone="danger">{ended}</Badge> : !working ? <Badge tone="warning">{t.connect.expired}</Badge> : null}
          {app && !app.is_active && <Badge tone="warning">{t.connect.paused}</Badge>}
          {project && <Badge>{t.connect.limitedTo(project)}</Badge>}
        </p>
        <p className="mt-0.5 text-sm wrap-anywhere text-subtle">{told}</p>
        <p className="mt-1 flex flex-wrap gap-1">
          {scopes.map((scope) => (
            <Badge key={scope}>{t.connect.scope[scope] ?? scope}</Badge>
          ))}
          {tail}
        </p>
      </div>
      {app && working && (
        <span title={t.connect.pauses(nameOf(of.client))}>
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
          {working && renew}
          {app && (
            <>
              <MenuItem asChild>
                <Link to="/memories" search={{ app: app.id }}>
                  <Brain />
                  {t.connect.memories}
                </Link>
              </MenuItem>
              <MenuItem asChild>
                <Link to="/apps/$id" params={{ id: app.id }}>
                  <AppWindow />
                  {t.apps.activity}
                </Link>
              </MenuItem>
            </>
          )}
          <MenuItem onSelect={takeBack}>
            <Undo2 />
            {t.takeBack.open}
          </MenuItem>
          {working && end}
        </MenuContent>
      </Menu>
    </li>
  );
}
