import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";

import { config } from "@/api/config";
import { session, useSession } from "@/api/session";
import { useT } from "@/i18n";
import { arrival } from "@/lib/lists";
import { letsIn } from "@/routes";

import { Note, SignInForm } from "./parts/sign-in-form";

export function SignIn() {
  const t = useT();
  const { next } = useSearch({ from: "/outside/sign-in" });
  const navigate = useNavigate();
  const state = useSession();
  const expired = state.status === "signed-out" && state.expired === true;
  const { supabase, accounts, registration } = config();
  const possible = supabase?.anon_key || (accounts && !supabase);
  return (
    <Page title={t.auth.signInTitle}>
      {expired && <Note>{t.auth.expired}</Note>}
      {letsIn(next) && <Note>{t.authorize.signInFirst}</Note>}
      {!possible && <Note>{supabase ? t.auth.noProvider : t.auth.disabled}</Note>}
      {possible && (
        <SignInForm
          action={t.auth.signIn}
          submit={async ({ email, password }) => {
            await session.signIn(email, password);
            await navigate(arrival(next));
            return null;
          }}
        />
      )}
      {accounts && !supabase && (
        <p className="text-center text-sm text-subtle">
          {t.auth.forgotten} <code className="font-mono text-xs whitespace-nowrap text-foreground">jmem user password</code>
        </p>
      )}
      {(registration || supabase) && (
        <p className="text-center text-sm text-subtle">
          {t.auth.noAccount}{" "}
          <Link to="/register" search={next ? { next } : {}} className="font-medium text-primary underline underline-offset-4">
            {t.auth.register}
          </Link>
        </p>
      )}
    </Page>
  );
}

export function Register() {
  const t = useT();
  const { next } = useSearch({ from: "/outside/register" });
  const navigate = useNavigate();
  const { supabase, registration } = config();
  const possible = supabase?.anon_key || (registration && !supabase);
  return (
    <Page title={t.auth.registerTitle}>
      {letsIn(next) && <Note>{t.authorize.registerFirst}</Note>}
      {!possible && <Note>{supabase ? t.auth.noProvider : t.auth.closed}</Note>}
      {possible && (
        <SignInForm
          fresh
          action={t.auth.register}
          submit={async ({ email, password }) => {
            if (!(await session.register(email, password))) return t.auth.confirm;
            await (letsIn(next) ? navigate(arrival(next)) : navigate({ to: "/welcome" }));
            return null;
          }}
        />
      )}
      <p className="text-center text-sm text-subtle">
        {t.auth.haveAccount}{" "}
        <Link to="/sign-in" search={next ? { next } : {}} className="font-medium text-primary underline underline-offset-4">
          {t.auth.signIn}
        </Link>
      </p>
    </Page>
  );
}

function Page({ title, children }: { title: string; children: ReactNode }) {
  const t = useT();
  useEffect(() => {
    document.title = `${title} · ${t.product}`;
  }, [title, t.product]);
  return (
    <div className="mx-auto flex w-full max-w-sm flex-1 flex-col justify-center gap-5 px-4 py-10">
      <h1 className="text-2xl font-semibold">{title}</h1>
      {children}
      {config().supabase && <p className="text-center text-xs text-subtle">{t.auth.viaSupabase}</p>}
    </div>
  );
}
