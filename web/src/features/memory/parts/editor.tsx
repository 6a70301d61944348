import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Wrong } from "@/components/states";
import { Button } from "@/components/ui/button";
import { DialogActions, DialogClose, DialogContent, useGuard } from "@/components/ui/dialog";
import { Field, Input, Select, Textarea } from "@/components/ui/field";
import { Switch } from "@/components/ui/switch";
import { toast } from "@/components/ui/toast";
import { projectsQuery } from "@/features/projects/queries";
import { useT } from "@/i18n";
import type { Catalogue } from "@/i18n/en";
import { drafts, useDraft } from "@/lib/drafts";
import { useForm } from "@/lib/form";
import { quietly } from "@/lib/quietly";

import { type Edited, type Fields, MEMORY_TYPES, type Sent, added, changed, schema, untouched } from "../edited";
import { useAddMemory, useChangeMemory } from "../mutations";
import type { Memory } from "../queries";
import { Conflict } from "./conflict";

/** Why something was not stored: kinds of secrets have many names. */
function reasonOf(t: Catalogue, reason: string): string {
  const known: Record<string, string> = t.memories.keptOutReason;
  return known[reason] ?? known[reason.split("_")[0] ?? ""] ?? reason;
}

/** Adds a memory, or edits one; the version that was opened must still be the current one. */
export function MemoryEditor({ memory: opened, saved }: { memory: Edited | null; saved: () => void }) {
  const t = useT();
  const target = opened?.id ?? "new";
  const [draft] = useState(() => drafts.of<Fields>(target));
  const { values, set, fits, bind, onSubmit } = useForm(schema, draft ?? untouched(opened));
  const { memory } = values;
  const projects = useQuery({ ...projectsQuery, enabled: memory === null });
  const [theirs, setTheirs] = useState<Memory | null>(null);
  const [keptOut, setKeptOut] = useState<string | null>(null);
  const [add, change] = [useAddMemory(), useChangeMemory()];
  const save = memory ? change : add;
  const unsaved = JSON.stringify(values) !== JSON.stringify(untouched(memory));
  useDraft(target, values, unsaved);
  const done = () => {
    drafts.set(target, null);
    saved();
  };
  useGuard(unsaved, "unsaved", () => drafts.set(target, null));

  const changeIt = async (sent: Sent, before: Edited) => {
    const version = theirs?.version ?? before.version;
    const conflict = await change.mutateAsync({ id: before.id, version, body: changed(sent, before) });
    if (conflict) return setTheirs(conflict);
    toast(t.memories.saved);
    done();
  };
  const addIt = async (sent: Sent) => {
    setKeptOut(null);
    const answer = await add.mutateAsync(added(sent));
    const reason = "event" in answer && answer.event === "NONE" ? (answer.reason ?? "duplicate") : null;
    // What is there word for word is there; all else is told.
    if (reason !== null && reason !== "duplicate") return setKeptOut(reason);
    toast(reason === null ? t.memories.added : t.memories.known);
    done();
  };
  const send = onSubmit((sent) => quietly(memory ? changeIt(sent, memory) : addIt(sent)));

  if (theirs && memory) {
    return (
      <Conflict
        theirs={theirs.content}
        mine={values.text}
        error={change.error}
        busy={change.isPending}
        keepTheirs={done}
        overwrite={() => send()}
      />
    );
  }
  return (
    <DialogContent title={memory ? t.memories.editTitle : t.memories.add}>
      <form className="grid gap-4" onSubmit={send}>
        {draft && (
          <p role="status" className="rounded-xl bg-muted px-4 py-3 text-sm">
            {t.memories.draftBack}
          </p>
        )}
        <Field label={t.memories.text}>{(ids) => <Textarea {...ids} {...bind("text")} required rows={5} dir="auto" />}</Field>
        <Field label={t.memories.tags} hint={t.memories.tagsHint}>
          {(ids) => <Input {...ids} {...bind("tags")} />}
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t.memories.type}>
            {(ids) => (
              <Select {...ids} {...bind("type")}>
                {MEMORY_TYPES.map((each) => (
                  <option key={each} value={each}>
                    {t.memories.types[each]}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          {!memory && <Field label={t.memories.occurredAt}>{(ids) => <Input {...ids} {...bind("occurred")} type="date" />}</Field>}
          {!memory && (projects.data?.length ?? 0) > 1 && (
            <Field label={t.memories.project}>
              {(ids) => (
                <Select {...ids} {...bind("project")}>
                  {projects.data?.map((each) => (
                    <option key={each.id} value={each.is_default ? "" : each.id}>
                      {each.name}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
          )}
        </div>
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <Field label={t.memories.ends} hint={t.memories.endsHint}>
            {(ids) => <Input {...ids} {...bind("ends")} type="date" disabled={values.pinned} />}
          </Field>
          <Field label={t.memories.pinned} hint={t.memories.pinnedHint}>
            {(ids) => <Switch {...ids} checked={values.pinned} onCheckedChange={(pinned) => set({ pinned })} />}
          </Field>
        </div>
        <Wrong error={save.error} />
        {keptOut && (
          <div role="alert" className="rounded-xl bg-warning-soft px-4 py-3 text-sm text-warning">
            <p className="font-medium">{t.memories.keptOut}</p>
            <p>{reasonOf(t, keptOut)}</p>
          </div>
        )}
        <DialogActions>
          <DialogClose asChild>
            <Button variant="outline">{t.common.cancel}</Button>
          </DialogClose>
          <Button type="submit" disabled={save.isPending || !fits}>
            {t.common.save}
          </Button>
        </DialogActions>
      </form>
    </DialogContent>
  );
}
