import { useNavigate } from "@tanstack/react-router";

import { Button } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import { useT } from "@/i18n";
import { useForm } from "@/lib/form";

import { Panel } from "./parts/panel";
import { codeSchema } from "./schema";

/** Asks for the code that a terminal shows. */
export function Device() {
  const t = useT();
  const navigate = useNavigate();
  const { errors, bind, onSubmit } = useForm(codeSchema, { code: "" });
  return (
    <Panel title={t.authorize.device.title}>
      <p className="-mt-3 text-sm text-subtle">{t.authorize.device.lead}</p>
      <form
        className="grid gap-5"
        onSubmit={onSubmit(({ code }) => void navigate({ to: "/authorize/$request", params: { request: code } }))}
      >
        <Field label={t.authorize.device.code} hint={t.authorize.device.hint} error={errors.code && t.authorize.device.wrong}>
          {(ids) => (
            <Input
              {...ids}
              {...bind("code")}
              required
              maxLength={20}
              placeholder="BCDF-GHJK"
              autoComplete="off"
              autoCapitalize="characters"
              autoCorrect="off"
              spellCheck={false}
              className="h-14 text-center font-mono text-2xl tracking-[0.2em] uppercase placeholder:text-subtle/50 sm:text-2xl"
            />
          )}
        </Field>
        <Button type="submit" size="lg">
          {t.authorize.device.go}
        </Button>
      </form>
    </Panel>
  );
}
