import { useState } from "react";

import { session } from "@/api/session";
import { useProblem } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Card, CardTitle } from "@/components/ui/card";
import { Field, Input } from "@/components/ui/field";
import { toast } from "@/components/ui/toast";
import { useT } from "@/i18n";
import { SHORTEST } from "@/features/account/sign-in";

export function Password() {
  const t = useT();
  const problem = useProblem();
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const change = async (form: HTMLFormElement) => {
    const data = new FormData(form);
    const [current, next] = [String(data.get("current")), String(data.get("next"))];
    if ([...next].length < SHORTEST) return setError(t.auth.shortPassword);
    setBusy(true);
    setError(null);
    try {
      await session.changePassword(current, next);
      form.reset();
      toast(t.settings.passwordChanged);
    } catch (failure) {
      setError(problem(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Card>
      <CardTitle>{t.settings.password}</CardTitle>
      <p className="mt-1 text-sm text-subtle">{t.settings.passwordText}</p>
      <form
        className="mt-4 grid max-w-md gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void change(event.currentTarget);
        }}
      >
        <Field label={t.settings.currentPassword}>
          {(ids) => <Input {...ids} name="current" type="password" autoComplete="current-password" required />}
        </Field>
        <Field label={t.settings.newPassword} hint={t.auth.passwordHint}>
          {(ids) => <Input {...ids} name="next" type="password" autoComplete="new-password" required />}
        </Field>
        {error && (
          <p role="alert" className="text-sm text-danger">
            {error}
          </p>
        )}
        <Button type="submit" className="justify-self-start" disabled={busy}>
          {t.settings.changePassword}
        </Button>
      </form>
    </Card>
  );
}
