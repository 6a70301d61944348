import { useQuery } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";
import {
  AppWindow,
  Brain,
  ChartColumn,
  CircleUser,
  FlaskConical,
  FolderOpen,
  Gauge,
  GraduationCap,
  ListChecks,
  LogOut,
  Menu as MenuIcon,
  PlugZap,
  Settings as SettingsIcon,
  ShieldCheck,
  X,
} from "lucide-react";
import { type ComponentType, useEffect, useState } from "react";

import { useLink } from "@/api/link";
import { useWatching } from "@/api/live";
import { session } from "@/api/session";
import { meQuery } from "@/features/account/queries";
import { useHeldNews } from "@/features/memories/held-news";
import { openQuery } from "@/features/review/queries";
import { useT } from "@/i18n";
import { cn } from "@/lib/cn";
import { preloadWhenIdle } from "@/lib/lazy-page";

import { ConnectionBanner } from "./connection-banner";
import { LanguageMenu, Mark, SkipLink, ThemeMenu } from "./frame";
import { Button } from "./ui/button";
import { Badge } from "./ui/card";
import { Menu, MenuContent, MenuItem, MenuLabel, MenuSeparator, MenuTrigger } from "./ui/menu";

/** Pages that need a sign-in. */
export function Shell() {
  const t = useT();
  useWatching();
  useHeldNews();
  useEffect(preloadWhenIdle, []);
  const me = useQuery(meQuery);
  const waiting = useQuery(openQuery).data;
  const [open, setOpen] = useState(false);
  const links = [
    { to: "/memories", label: t.nav.memories, icon: Brain },
    { to: "/review", label: t.nav.review, icon: ListChecks, badge: waiting ? `${waiting.all}${waiting.more ? "+" : ""}` : "0" },
    { to: "/dashboard", label: t.nav.dashboard, icon: ChartColumn },
    { to: "/connect", label: t.nav.connect, icon: PlugZap },
    { to: "/apps", label: t.nav.apps, icon: AppWindow },
    { to: "/projects", label: t.nav.projects, icon: FolderOpen },
    { to: "/learning", label: t.nav.learning, icon: GraduationCap },
    { to: "/playground", label: t.nav.playground, icon: FlaskConical },
    { to: "/usage", label: t.nav.usage, icon: Gauge },
    { to: "/settings", label: t.nav.settings, icon: SettingsIcon },
    ...(me.data?.operator ? ([{ to: "/operator", label: t.nav.operator, icon: ShieldCheck }] as const) : []),
  ] as const;
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[15rem_1fr]">
      <SkipLink />
      <header className="sticky top-0 z-40 flex items-center gap-2 border-b bg-background/95 px-3 py-2 backdrop-blur lg:hidden">
        <Button
          variant="ghost"
          size="icon"
          className="relative"
          aria-label={t.common.menu}
          aria-expanded={open}
          aria-controls="navigation"
          onClick={() => setOpen(!open)}
        >
          {open ? <X /> : <MenuIcon />}
          {!open && waiting && waiting.all > 0 && (
            <span aria-hidden className="absolute top-1.5 right-1.5 size-2 rounded-full bg-primary" />
          )}
        </Button>
        <Link to="/memories" className="mr-auto flex items-center gap-2 rounded-lg font-semibold">
          <Mark className="size-6" />
          {t.product}
        </Link>
        <LiveDot />
        <AccountMenu email={me.data?.email ?? null} />
      </header>
      <aside
        id="navigation"
        className={cn(
          "z-40 border-r bg-surface lg:z-20 lg:sticky lg:top-0 lg:flex lg:h-dvh lg:flex-col",
          open ? "fixed inset-x-0 top-[3.3rem] bottom-0 flex flex-col overflow-y-auto" : "hidden",
        )}
      >
        <Link to="/memories" className="hidden items-center gap-2.5 px-5 pt-5 pb-4 font-semibold lg:flex">
          <Mark />
          {t.product}
        </Link>
        <nav aria-label={t.nav.main} className="grid gap-0.5 p-3">
          {links.map(({ to, label, icon, ...rest }) => (
            <NavLink key={to} to={to} label={label} icon={icon} onClick={() => setOpen(false)} {...rest} />
          ))}
        </nav>
        <div className="mt-auto flex items-center gap-1 border-t p-3">
          <div className="hidden min-w-0 flex-1 items-center gap-1 lg:flex">
            <AccountMenu email={me.data?.email ?? null} />
            <LiveDot />
          </div>
          <LanguageMenu />
          <ThemeMenu />
        </div>
      </aside>
      <div className="min-w-0">
        <ConnectionBanner />
        <main id="content" tabIndex={-1} className="mx-auto w-full max-w-6xl min-w-0 px-4 py-5 outline-none sm:px-6 sm:py-7">
          <Outlet />
        </main>
      </div>
    </div>
  );
}

function NavLink({
  to,
  label,
  icon: Icon,
  badge = "0",
  onClick,
}: {
  to: string;
  label: string;
  icon: ComponentType<{ className?: string }>;
  /** How much waits there. */
  badge?: string;
  onClick: () => void;
}) {
  const t = useT();
  return (
    <Link
      to={to}
      onClick={onClick}
      className="flex items-center gap-3 rounded-lg px-3 py-2 text-sm font-medium text-subtle hover:bg-muted hover:text-foreground"
      activeProps={{ className: "bg-accent! text-on-accent!", "aria-current": "page" }}
    >
      <Icon className="size-4" />
      {label}
      {badge !== "0" && (
        <>
          <Badge aria-hidden tone="accent" className="ml-auto tabular-nums">
            {badge}
          </Badge>
          <span className="sr-only">{t.nav.toReview(badge)}</span>
        </>
      )}
    </Link>
  );
}

function LiveDot() {
  const t = useT();
  const live = useLink().at === "live";
  return (
    <span className="flex items-center gap-1.5 px-1 text-xs text-subtle" title={live ? t.nav.live : t.nav.notLive}>
      <span aria-hidden className={cn("size-2 rounded-full", live ? "bg-primary" : "bg-control")} />
      <span className="sr-only">{live ? t.nav.live : t.nav.notLive}</span>
    </span>
  );
}

function AccountMenu({ email }: { email: string | null }) {
  const t = useT();
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button variant="ghost" size="icon" aria-label={t.nav.account}>
          <CircleUser />
        </Button>
      </MenuTrigger>
      <MenuContent align="end">
        {email && <MenuLabel className="max-w-60 truncate px-2.5 pt-2 pb-1 text-xs text-subtle">{email}</MenuLabel>}
        <MenuItem asChild>
          <Link to="/settings">
            <SettingsIcon />
            {t.nav.settings}
          </Link>
        </MenuItem>
        <MenuSeparator />
        <MenuItem onSelect={() => void session.signOut()}>
          <LogOut />
          {t.nav.signOut}
        </MenuItem>
      </MenuContent>
    </Menu>
  );
}
