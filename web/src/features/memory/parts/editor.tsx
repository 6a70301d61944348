import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, ok } from "@/api/client";
import { ApiError } from "@/api/error";
import { type Memory, projectsQuery } from "@/api/queries";
import { useT } from "@/i18n";
import type { Catalogue } from "@/i18n/en";
import { dayOf, endOfDay } from "@/lib/days";
import { drafts, useDraft } from "@/lib/drafts";

import { useProblem } from "@/components/states";
import { Button } from "@/components/ui/button";
import { DialogActions, DialogClose, DialogContent, useGuard } from "@/components/ui/dialog";
import { Field, Input, Select, Textarea } from "@/components/ui/field";
import { Switch } from "@/components/ui/switch";
import { toast } from "@/components/ui/toast";

export const MEMORY_TYPES = ["semantic", "episodic", "procedural", "working", "associative"];

/** What an editor begins with. */
export interface Edited {
  id: string;
  text: string;
  tags: string[];
  type: string;
  version: number;
  pinned: boolean;
  expiresAt: string | null;
}

/** What an editor of this memory begins with. */
export const editedOf = (memory: Memory): Edited => ({
  id: memory.id,
  text: memory.content,
  tags: memory.tags,
  type: memory.memory_type,
  version: memory.version,
  pinned: memory.pinned,
  expiresAt: memory.expires_at ?? null,
});

/** Why something was not stored: kinds of secrets have many names. */
function reasonOf(t: Catalogue, reason: string): string {
  const known: Record<string, string> = t.memories.keptOutReason;
  return known[reason] ?? known[reason.split("_")[0] ?? ""] ?? reason;
}

const splitTags = (text: string) => [
  ...new Set(
    text
      .split(/[,，]/)
      .map((tag) => tag.trim())
      .filter(Boolean),
  ),
];

/** What an editor holds. */
interface Fields {
  /** What it began with; null for a new memory. */
  memory: Edited | null;
  text: string;
  tags: string;
  type: string;
  project: string;
  pinned: boolean;
  ends: string;
  occurred: string;
}

const untouched = (memory: Edited | null): Fields => ({
  memory,
  text: memory?.text ?? "",
  tags: memory?.tags.join(", ") ?? "",
  type: memory?.type ?? "semantic",
  project: "",
  pinned: memory?.pinned ?? false,
  ends: memory?.expiresAt ? dayOf(memory.expiresAt) : "",
  occurred: "",
});

const targetOf = (memory: Edited | null) => memory?.id ?? "new";

/** What was being edited on this page when it went away, by a reload or by the end of a session. */
export function unfinished(): Edited | "new" | null {
  const found = drafts.at<Fields>(location.pathname);
  return found && (found.memory ?? "new");
}

/** Adds a memory, or edits one; the version that was opened must still be the current one. */
export function MemoryEditor({ memory: opened, saved }: { memory: Edited | null; saved: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const problem = useProblem();
  const target = targetOf(opened);
  const [draft] = useState(() => drafts.of<Fields>(target));
  const [fields, setFields] = useState(draft ?? untouched(opened));
  const { memory, text, tags, type, project, pinned, ends, occurred } = fields;
  const set = (change: Partial<Fields>) => setFields((before) => ({ ...before, ...change }));
  const projects = useQuery({ ...projectsQuery, enabled: memory === null });
  const [version, setVersion] = useState(memory?.version ?? 0);
  const [keptOut, setKeptOut] = useState<string | null>(null);
  const [theirs, setTheirs] = useState<Memory | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const unsaved = JSON.stringify(fields) !== JSON.stringify(untouched(memory));
  useDraft(target, fields, unsaved);
  const done = () => {
    drafts.set(target, null);
    saved();
  };
  useGuard(unsaved, "unsaved", () => drafts.set(target, null));

  const stale = () => {
    for (const key of ["listed", "memories", "memory", "stats", "tags", "apps", "projects"])
      void client.invalidateQueries({ queryKey: [key] });
  };
  const update = async (edited: Edited, expected: number) => {
    const params = { path: { memory_id: edited.id }, header: { "If-Match": `"${expected}"` } };
    const body = {
      memory_content: text,
      tags: splitTags(tags),
      memory_type: type,
      ...(pinned === edited.pinned ? {} : { pinned }),
      ...(ends === untouched(edited).ends ? {} : { expires_at: ends ? endOfDay(ends) : null }),
    };
    try {
      await ok(api.PUT("/api/v1/memories/{memory_id}", { params, body }));
    } catch (failure) {
      if (!(failure instanceof ApiError) || failure.code !== "version_conflict") throw failure;
      const current = await ok(api.GET("/api/v1/memories/{memory_id}", { params: { path: { memory_id: edited.id } } }));
      setVersion(current.version);
      setTheirs(current);
      return;
    }
    toast(t.memories.saved);
    stale();
    done();
  };
  const add = async () => {
    const body = {
      text,
      // What a person types here is their own word: nothing is held back.
      force: true,
      tags: splitTags(tags),
      memory_type: type,
      ...(project ? { project_id: project } : {}),
      ...(occurred ? { occurred_at: occurred } : {}),
      ...(pinned ? { pinned } : {}),
      ...(ends ? { expires_at: endOfDay(ends) } : {}),
    };
    const answer = await ok(api.POST("/api/v1/memories/", { body }));
    const reason = "event" in answer && answer.event === "NONE" ? (answer.reason ?? "duplicate") : null;
    // What is there word for word is there; all else is told.
    if (reason !== null && reason !== "duplicate") return setKeptOut(reason);
    toast(reason === null ? t.memories.added : t.memories.known);
    stale();
    done();
  };
  const save = async () => {
    setBusy(true);
    setError(null);
    setKeptOut(null);
    try {
      await (memory ? update(memory, version) : add());
    } catch (failure) {
      setError(problem(failure));
    } finally {
      setBusy(false);
    }
  };

  if (theirs && memory) {
    return (
      <DialogContent title={t.memories.conflictTitle} description={t.memories.conflictText} className="max-w-2xl">
        <div className="grid gap-4 sm:grid-cols-2">
          <Version title={t.memories.conflictTheirs} text={theirs.content} />
          <Version title={t.memories.conflictMine} text={text} />
        </div>
        {error && (
          <p role="alert" className="mt-3 text-sm text-danger">
            {error}
          </p>
        )}
        <DialogActions>
          <Button
            variant="outline"
            onClick={() => {
              stale();
              done();
            }}
          >
            {t.memories.conflictKeepTheirs}
          </Button>
          <Button disabled={busy} onClick={() => void save()}>
            {t.memories.conflictOverwrite}
          </Button>
        </DialogActions>
      </DialogContent>
    );
  }
  return (
    <DialogContent title={memory ? t.memories.editTitle : t.memories.add}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {draft && (
          <p role="status" className="rounded-xl bg-muted px-4 py-3 text-sm">
            {t.memories.draftBack}
          </p>
        )}
        <Field label={t.memories.text}>
          {(ids) => <Textarea {...ids} value={text} required rows={5} dir="auto" onChange={(event) => set({ text: event.target.value })} />}
        </Field>
        <Field label={t.memories.tags} hint={t.memories.tagsHint}>
          {(ids) => <Input {...ids} value={tags} onChange={(event) => set({ tags: event.target.value })} />}
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t.memories.type}>
            {(ids) => (
              <Select {...ids} value={type} onChange={(event) => set({ type: event.target.value })}>
                {MEMORY_TYPES.map((each) => (
                  <option key={each} value={each}>
                    {t.memories.types[each]}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          {!memory && (
            <Field label={t.memories.occurredAt}>
              {(ids) => <Input {...ids} type="date" value={occurred} onChange={(event) => set({ occurred: event.target.value })} />}
            </Field>
          )}
          {!memory && (projects.data?.length ?? 0) > 1 && (
            <Field label={t.memories.project}>
              {(ids) => (
                <Select {...ids} value={project} onChange={(event) => set({ project: event.target.value })}>
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
            {(ids) => <Input {...ids} type="date" value={ends} disabled={pinned} onChange={(event) => set({ ends: event.target.value })} />}
          </Field>
          <Field label={t.memories.pinned} hint={t.memories.pinnedHint}>
            {(ids) => <Switch {...ids} checked={pinned} onCheckedChange={(on) => set({ pinned: on })} />}
          </Field>
        </div>
        {error && (
          <p role="alert" className="text-sm text-danger">
            {error}
          </p>
        )}
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
          <Button type="submit" disabled={busy || text.trim() === ""}>
            {t.common.save}
          </Button>
        </DialogActions>
      </form>
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
