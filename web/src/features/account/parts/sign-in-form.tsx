import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import * as v from "valibot";

import { ApiError } from "@/api/error";
import { Wrong } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import { useT } from "@/i18n";

import { registerSchema, signInSchema } from "../schema";

export function Note({ children }: { children: ReactNode }) {
  return (
    <p role="status" className="rounded-xl border bg-muted px-4 py-3 text-sm">
      {children}
    </p>
  );
}

type Asked = v.InferOutput<typeof signInSchema>;

/** Asks for address and password. What the browser fills in by itself is only in the form, so that is read when it is sent. */
export function SignInForm({
  fresh = false,
  action,
  submit,
}: {
  /** The password is a new one. */
  fresh?: boolean;
  action: string;
  /** Answers what is to be said of it. */
  submit: (asked: Asked) => Promise<string | null>;
}) {
  const t = useT();
  const [short, setShort] = useState(false);
  const [shown, setShown] = useState(false);
  const deed = useMutation({ mutationFn: submit, meta: { inline: true } });
  const go = (form: HTMLFormElement) => {
    const asked = v.safeParse(fresh ? registerSchema : signInSchema, Object.fromEntries(new FormData(form)));
    setShort(!asked.success);
    if (asked.success) deed.mutate(asked.output);
  };
  const refused = deed.error instanceof ApiError && deed.error.code === "unauthenticated";
  const error = short ? t.auth.shortPassword : refused ? t.auth.failed : deed.error;
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        go(event.currentTarget);
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
      <Wrong error={error} className="rounded-xl bg-danger-soft px-4 py-3" />
      {deed.data && <Note>{deed.data}</Note>}
      <Button type="submit" size="lg" disabled={deed.isPending}>
        {action}
      </Button>
    </form>
  );
}
