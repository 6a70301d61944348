import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";

import { config } from "@/api/config";
import { ApiError } from "@/api/error";
import { session, useSession } from "@/api/session";
import { useProblem } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import { useT } from "@/i18n";
import { arrival } from "@/lib/lists";

export const SHORTEST = 10;

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
      {!possible && <Note>{supabase ? t.auth.noProvider : t.auth.disabled}</Note>}
      {possible && (
        <Form
          action={t.auth.signIn}
          submit={async (email, password) => {
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
      {!possible && <Note>{supabase ? t.auth.noProvider : t.auth.closed}</Note>}
      {possible && (
        <Form
          fresh
          action={t.auth.register}
          submit={async (email, password) => {
            if (!(await session.register(email, password))) return t.auth.confirm;
            await navigate({ to: "/welcome" });
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

function Note({ children }: { children: ReactNode }) {
  return (
    <p role="status" className="rounded-xl border bg-muted px-4 py-3 text-sm">
      {children}
    </p>
  );
}

function Form({
  fresh = false,
  action,
  submit,
}: {
  fresh?: boolean;
  action: string;
  submit: (email: string, password: string) => Promise<string | null>;
}) {
  const t = useT();
  const problem = useProblem();
  const [error, setError] = useState<string | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState(false);
  const go = async (form: FormData) => {
    const [email, password] = [String(form.get("email")), String(form.get("password"))];
    if (fresh && [...password].length < SHORTEST) return setError(t.auth.shortPassword);
    setBusy(true);
    setError(null);
    try {
      setSaid(await submit(email, password));
    } catch (failure) {
      setError(failure instanceof ApiError && failure.code === "unauthenticated" ? t.auth.failed : problem(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void go(new FormData(event.currentTarget));
      }}
    >
      <Field label={t.auth.email}>
        {(ids) => <Input {...ids} name="email" type="email" autoComplete="username" required className="h-11" autoCapitalize="none" />}
      </Field>
      <Field label={t.auth.password} hint={fresh ? t.auth.passwordHint : undefined}>
        {(ids) => (
          <Input
            {...ids}
            name="password"
            type={shown ? "text" : "password"}
            autoComplete={fresh ? "new-password" : "current-password"}
            required
            className="h-11"
          />
        )}
      </Field>
      <label className="flex items-center gap-2 text-sm text-subtle">
        <input type="checkbox" className="size-4 accent-primary" checked={shown} onChange={(event) => setShown(event.target.checked)} />
        {t.auth.showPassword}
      </label>
      {error && (
        <p role="alert" className="rounded-xl bg-danger-soft px-4 py-3 text-sm text-danger">
          {error}
        </p>
      )}
      {said && <Note>{said}</Note>}
      <Button type="submit" size="lg" disabled={busy}>
        {action}
      </Button>
    </form>
  );
}
