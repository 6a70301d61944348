import { useState } from "react";
import * as v from "valibot";

import { Wrong } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Card, CardTitle } from "@/components/ui/card";
import { Field, Input } from "@/components/ui/field";
import { toast } from "@/components/ui/toast";
import { newPassword } from "@/features/account/schema";
import { useT } from "@/i18n";
import { quietly } from "@/lib/quietly";

import { useChangePassword } from "../mutations";

const schema = v.object({ current: v.string(), next: newPassword });

/** Asks for another password. What the browser fills in by itself is only in the form, so that is read when it is sent. */
export function Password() {
  const t = useT();
  const [short, setShort] = useState(false);
  const change = useChangePassword();
  const send = async (form: HTMLFormElement) => {
    const asked = v.safeParse(schema, Object.fromEntries(new FormData(form)));
    setShort(!asked.success);
    if (!asked.success) return;
    await change.mutateAsync(asked.output);
    form.reset();
    toast(t.settings.passwordChanged);
  };
  return (
    <Card>
      <CardTitle>{t.settings.password}</CardTitle>
      <p className="mt-1 text-sm text-subtle">{t.settings.passwordText}</p>
      <form
        className="mt-4 grid max-w-md gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          quietly(send(event.currentTarget));
        }}
      >
        <Field label={t.settings.currentPassword}>
          {(ids) => <Input {...ids} name="current" type="password" autoComplete="current-password" required />}
        </Field>
        <Field label={t.settings.newPassword} hint={t.auth.passwordHint}>
          {(ids) => <Input {...ids} name="next" type="password" autoComplete="new-password" required />}
        </Field>
        <Wrong error={short ? t.auth.shortPassword : change.error} />
        <Button type="submit" className="justify-self-start" disabled={change.isPending}>
          {t.settings.changePassword}
        </Button>
      </form>
    </Card>
  );
}
