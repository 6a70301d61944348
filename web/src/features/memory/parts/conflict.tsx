import { Wrong } from "@/components/states";
import { Button } from "@/components/ui/button";
import { DialogActions, DialogContent } from "@/components/ui/dialog";
import { useT } from "@/i18n";

/** Somebody changed the memory while it was edited: shows both texts, and asks which it shall have. */
export function Conflict({
  theirs,
  mine,
  error,
  busy,
  keepTheirs,
  overwrite,
}: {
  theirs: string;
  mine: string;
  error: unknown;
  busy: boolean;
  keepTheirs: () => void;
  overwrite: () => void;
}) {
  const t = useT();
  return (
    <DialogContent title={t.memories.conflictTitle} description={t.memories.conflictText} className="max-w-2xl">
      <div className="grid gap-4 sm:grid-cols-2">
        <Version title={t.memories.conflictTheirs} text={theirs} />
        <Version title={t.memories.conflictMine} text={mine} />
      </div>
      <Wrong error={error} className="mt-3" />
      <DialogActions>
        <Button variant="outline" onClick={keepTheirs}>
          {t.memories.conflictKeepTheirs}
        </Button>
        <Button disabled={busy} onClick={overwrite}>
          {t.memories.conflictOverwrite}
        </Button>
      </DialogActions>
    </DialogContent>
  );
}

function Version({ title, text }: { title: string; text: string }) {
  return (
    <section className="grid content-start gap-2">
      <h3 className="text-sm font-medium">{title}</h3>
      <p className="memory-text max-h-72 overflow-y-auto rounded-xl bg-muted p-3 text-sm">{text}</p>
    </section>
  );
}
