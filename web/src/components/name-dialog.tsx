import { useState } from "react";

import { useT } from "@/i18n";

import { useProblem } from "./states";
import { Button } from "./ui/button";
import { DialogActions, DialogClose, DialogContent, useGuard } from "./ui/dialog";
import { Field, Input } from "./ui/field";

/** Asks for the name of a thing: of a new one, or another one for `name`. */
export function NameDialog({ title, name: before, save }: { title: string; name?: string; save: (name: string) => Promise<unknown> }) {
  const t = useT();
  const problem = useProblem();
  const [name, setName] = useState(before ?? "");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  useGuard(name !== (before ?? ""), "unsaved");
  const go = async () => {
    setBusy(true);
    try {
      await save(name.trim());
    } catch (failure) {
      setError(problem(failure));
      setBusy(false);
    }
  };
  return (
    <DialogContent title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void go();
        }}
      >
        <Field label={t.projects.name} error={error}>
          {(ids) => <Input {...ids} value={name} required maxLength={100} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <DialogActions>
          <DialogClose asChild>
            <Button variant="outline">{t.common.cancel}</Button>
          </DialogClose>
          <Button type="submit" disabled={busy || name.trim() === ""}>
            {before === undefined ? t.common.create : t.common.save}
          </Button>
        </DialogActions>
      </form>
    </DialogContent>
  );
}
