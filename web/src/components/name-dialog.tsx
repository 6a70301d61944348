import { useMutation } from "@tanstack/react-query";
import * as v from "valibot";

import { useT } from "@/i18n";
import { useForm } from "@/lib/form";

import { useProblem } from "./states";
import { Button } from "./ui/button";
import { DialogActions, DialogClose, DialogContent, useGuard } from "./ui/dialog";
import { Field, Input } from "./ui/field";

/** A name that somebody gives to a thing. */
export const nameSchema = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(100));
const schema = v.object({ name: nameSchema });

/** Asks for the name of a thing: of a new one, or another one for `name`. */
export function NameDialog({ title, name: before, save }: { title: string; name?: string; save: (name: string) => Promise<unknown> }) {
  const t = useT();
  const problem = useProblem();
  const { values, fits, bind, onSubmit } = useForm(schema, { name: before ?? "" });
  const deed = useMutation({ mutationFn: save, meta: { inline: true } });
  useGuard(values.name !== (before ?? ""), "unsaved");
  return (
    <DialogContent title={title}>
      <form onSubmit={onSubmit(({ name }) => deed.mutate(name))}>
        <Field label={t.projects.name} error={deed.error && problem(deed.error)}>
          {(ids) => <Input {...ids} {...bind("name")} required maxLength={100} />}
        </Field>
        <DialogActions>
          <DialogClose asChild>
            <Button variant="outline">{t.common.cancel}</Button>
          </DialogClose>
          <Button type="submit" disabled={deed.isPending || !fits}>
            {before === undefined ? t.common.create : t.common.save}
          </Button>
        </DialogActions>
      </form>
    </DialogContent>
  );
}
