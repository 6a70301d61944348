import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { useT } from "@/i18n";

import { Wrong } from "./states";
import { Button } from "./ui/button";
import { Dialog, DialogActions, DialogClose, DialogContent } from "./ui/dialog";
import { Field, Input } from "./ui/field";

/** What has the focus when a dialog opens: see focusFirst. */
const FIRST = { "data-first": true };

/**
 * Asks before a deed. Enter does it, unless it is `final`: then nothing brings it back, and the focus lies on the way out. With
 * `word`, only whoever types it can go on.
 */
export function Confirm({
  open,
  onOpenChange,
  title,
  children,
  action,
  word,
  disabled = false,
  final = false,
  run,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  children: ReactNode;
  action: string;
  word?: string;
  disabled?: boolean;
  final?: boolean;
  run: () => Promise<unknown>;
}) {
  const t = useT();
  const [typed, setTyped] = useState("");
  const change = (next: boolean) => {
    setTyped("");
    deed.reset();
    onOpenChange(next);
  };
  const deed = useMutation({ mutationFn: run, onSuccess: () => change(false), meta: { inline: true } });
  return (
    <Dialog open={open} onOpenChange={change}>
      <DialogContent title={title}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            deed.mutate();
          }}
        >
          <div className="grid gap-4 text-sm">
            <div>{children}</div>
            {word && (
              <Field label={t.common.typeToConfirm(word)}>
                {(ids) => <Input {...ids} value={typed} autoComplete="off" onChange={(event) => setTyped(event.target.value)} />}
              </Field>
            )}
            <Wrong error={deed.error} />
          </div>
          <DialogActions>
            <DialogClose asChild>
              <Button variant="outline" {...(final && !word ? FIRST : {})}>
                {t.common.cancel}
              </Button>
            </DialogClose>
            <Button
              variant="danger"
              type="submit"
              disabled={deed.isPending || disabled || (word !== undefined && typed.trim() !== word)}
              {...(final || word ? {} : FIRST)}
            >
              {action}
            </Button>
          </DialogActions>
        </form>
      </DialogContent>
    </Dialog>
  );
}
