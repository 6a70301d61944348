import { useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useRouter, useRouterState } from "@tanstack/react-router";
import { Languages, SunMoon } from "lucide-react";
import { useEffect, useRef } from "react";

import { ApiError } from "@/api/error";
import { useReturn } from "@/api/link";
import { useSession } from "@/api/session";
import { LANGUAGES, type Language, useLanguage, useT } from "@/i18n";
import { letsIn } from "@/routes";
import { THEMES, type Theme, setTheme, useTheme } from "@/lib/theme";

import { Failed } from "./states";
import { Button } from "./ui/button";
import { Menu, MenuContent, MenuLabel, MenuRadioGroup, MenuRadioItem, MenuTrigger } from "./ui/menu";

/** What lies around every page. */
export function Root() {
  useLeaving();
  return <Outlet />;
}

/** When a sign-in ends or another person signs in, here or in another tab: forgets what was shown, and leaves closed pages. */
function useLeaving() {
  const session = useSession();
  const who = session.status === "signed-in" ? session.who : null;
  const router = useRouter();
  const client = useQueryClient();
  const before = useRef(who);
  useEffect(() => {
    if (before.current === who) return;
    if (before.current !== null) client.clear();
    before.current = who;
    void router.invalidate();
  }, [who, router, client]);
}

export function Mark({ className = "size-7" }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden>
      <rect width="32" height="32" rx="8" fill="#0f766e" />
      <path d="M9 22V11.5L16 17l7-5.5V22" fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" strokeLinejoin="round" />
      <circle cx="16" cy="9" r="1.9" fill="#fff" />
    </svg>
  );
}

export function SkipLink() {
  const t = useT();
  return (
    <a
      href="#content"
      className="sr-only rounded-lg bg-primary px-4 py-2 text-on-primary focus:not-sr-only focus:fixed focus:top-3 focus:left-3 focus:z-60"
      onClick={(event) => {
        event.preventDefault();
        document.getElementById("content")?.focus();
      }}
    >
      {t.common.skip}
    </a>
  );
}

export function ThemeMenu() {
  const t = useT();
  const theme = useTheme();
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button variant="ghost" size="icon" aria-label={t.nav.theme}>
          <SunMoon />
        </Button>
      </MenuTrigger>
      <MenuContent align="end">
        <MenuLabel>{t.nav.theme}</MenuLabel>
        <MenuRadioGroup value={theme} onValueChange={(value) => setTheme(value as Theme)}>
          {THEMES.map((each) => (
            <MenuRadioItem key={each} value={each}>
              {t.nav.themes[each]}
            </MenuRadioItem>
          ))}
        </MenuRadioGroup>
      </MenuContent>
    </Menu>
  );
}

export function LanguageMenu() {
  const t = useT();
  const [language, setLanguage] = useLanguage();
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button variant="ghost" size="icon" aria-label={t.nav.languageLabel}>
          <Languages />
        </Button>
      </MenuTrigger>
      <MenuContent align="end">
        <MenuLabel>{t.nav.languageLabel}</MenuLabel>
        <MenuRadioGroup value={language} onValueChange={(value) => setLanguage(value as Language)}>
          {Object.entries(LANGUAGES).map(([code, name]) => (
            <MenuRadioItem key={code} value={code} lang={code === "zh" ? "zh-CN" : code}>
              {name}
            </MenuRadioItem>
          ))}
        </MenuRadioGroup>
      </MenuContent>
    </Menu>
  );
}

/** Pages that anybody sees. */
export function Outside() {
  const t = useT();
  const signedIn = useSession().status === "signed-in";
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <div className="flex min-h-dvh flex-col">
      <SkipLink />
      <header className="mx-auto flex w-full max-w-6xl items-center gap-1 px-4 py-3 sm:px-6">
        <Link to="/" className="mr-auto flex items-center gap-2.5 rounded-lg font-semibold">
          <Mark />
          <span className="max-[22rem]:sr-only">{t.product}</span>
        </Link>
        <LanguageMenu />
        <ThemeMenu />
        {signedIn
          ? // Whoever is asked something shall answer that first.
            !letsIn(path) && (
              <Button asChild size="sm" className="ml-1">
                <Link to="/memories">{t.nav.open}</Link>
              </Button>
            )
          : path !== "/sign-in" && (
              <Button asChild size="sm" variant="outline" className="ml-1">
                <Link to="/sign-in">{t.nav.signIn}</Link>
              </Button>
            )}
      </header>
      <main id="content" tabIndex={-1} className="flex flex-1 flex-col outline-none">
        <Outlet />
      </main>
      <footer className="border-t">
        <nav
          aria-label={t.nav.support}
          className="mx-auto flex w-full max-w-6xl flex-wrap gap-x-6 gap-y-2 px-4 py-6 text-sm text-subtle sm:px-6"
        >
          <Link to="/privacy" className="hover:text-foreground hover:underline">
            {t.nav.privacy}
          </Link>
          <Link to="/terms" className="hover:text-foreground hover:underline">
            {t.nav.terms}
          </Link>
          <Link to="/support" className="hover:text-foreground hover:underline">
            {t.nav.support}
          </Link>
          <a href="/docs/" className="hover:text-foreground hover:underline">
            {t.nav.api}
          </a>
        </nav>
      </footer>
    </div>
  );
}

export function NotFound() {
  const t = useT();
  useEffect(() => {
    document.title = `${t.errors.notFoundTitle} · ${t.product}`;
  }, [t]);
  return (
    <main className="grid min-h-[70dvh] place-items-center p-6">
      <div className="grid max-w-sm gap-3 text-center">
        <h1 className="text-2xl font-semibold">{t.errors.notFoundTitle}</h1>
        <p className="text-subtle">{t.errors.notFound}</p>
        <Button asChild className="mx-auto">
          <Link to="/">{t.product}</Link>
        </Button>
      </div>
    </main>
  );
}

/** How long after one reload for newer code there is no second one by itself, in milliseconds. */
const ONCE_IN = 60_000;

/** Loads the page anew for the newer code of its server; false where that was done a moment ago and did not help. */
function reloaded(): boolean {
  const name = "jmem.reloaded";
  try {
    if (Date.now() - Number(sessionStorage.getItem(name)) < ONCE_IN) return false;
    sessionStorage.setItem(name, String(Date.now()));
  } catch {
    return false;
  }
  location.reload();
  return true;
}

/** In the place of a page that cannot be shown; what lies around it stays. */
export function PageFailed({ error, reset }: { error: unknown; reset: () => void }) {
  const t = useT();
  const router = useRouter();
  const newer = error instanceof ApiError && error.code === "newer";
  const again = () => {
    reset();
    void router.invalidate();
  };
  useReturn(again);
  useEffect(() => {
    if (newer) reloaded();
  }, [newer]);
  return (
    <div className="mx-auto grid w-full max-w-xl gap-3 p-6">
      <h1 className="text-xl font-semibold">{t.errors.page}</h1>
      {newer ? (
        <div role="alert" className="flex flex-wrap items-center gap-3 rounded-xl border px-4 py-3 text-sm">
          <p className="flex-1">{t.errors.newer}</p>
          <Button size="sm" variant="outline" onClick={() => location.reload()}>
            {t.errors.reload}
          </Button>
        </div>
      ) : (
        <Failed error={error} retry={again} />
      )}
    </div>
  );
}

/** The heading of a page within, with what can be done there. */
export function PageTitle({ title, lead, actions }: { title: string; lead?: string; actions?: React.ReactNode }) {
  const t = useT();
  useEffect(() => {
    document.title = `${title} · ${t.product}`;
  }, [title, t.product]);
  return (
    <div className="mb-5 flex flex-wrap items-start gap-x-4 gap-y-3">
      <div className="min-w-0 flex-1 basis-60">
        <h1 className="text-2xl font-semibold">{title}</h1>
        {lead && <p className="mt-1 max-w-2xl text-sm text-subtle">{lead}</p>}
      </div>
      {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}
