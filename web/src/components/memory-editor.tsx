import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, ok } from "@/api/client";
import { ApiError } from "@/api/error";
import { type Memory, projectsQuery } from "@/api/queries";
import { useT } from "@/i18n";
import type { Catalogue } from "@/i18n/en";

import { useProblem } from "./states";
import { Button } from "./ui/button";
import { DialogActions, DialogClose, DialogContent } from "./ui/dialog";
import { Field, Input, Select, Textarea } from "./ui/field";
import { Switch } from "./ui/switch";
import { toast } from "./ui/toast";

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

/** Why something was not stored: kinds of junk and of secrets have many names. */
function reasonOf(t: Catalogue, reason: string): string {
  const known: Record<string, string> = t.memories.keptOutReason;
  return known[reason] ?? known[reason.split("_")[0] ?? ""] ?? reason;
}

/** A day is meant whole. */
const endOf = (day: string) => `${day}T23:59:59Z`;

const splitTags = (text: string) => [
  ...new Set(
    text
      .split(/[,，]/)
      .map((tag) => tag.trim())
      .filter(Boolean),
  ),
];

/** Adds a memory, or edits one; the version that was opened must still be the current one. */
export function MemoryEditor({ memory, saved }: { memory: Edited | null; saved: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const problem = useProblem();
  const projects = useQuery({ ...projectsQuery, enabled: memory === null });
  const [text, setText] = useState(memory?.text ?? "");
  const [tags, setTags] = useState(memory?.tags.join(", ") ?? "");
  const [type, setType] = useState(memory?.type ?? "semantic");
  const [project, setProject] = useState("");
  const [pinned, setPinned] = useState(memory?.pinned ?? false);
  const [ends, setEnds] = useState(memory?.expiresAt?.slice(0, 10) ?? "");
  const [occurred, setOccurred] = useState("");
  const [version, setVersion] = useState(memory?.version ?? 0);
  const [keptOut, setKeptOut] = useState<string | null>(null);
  const [theirs, setTheirs] = useState<Memory | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

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
      ...(ends === (edited.expiresAt?.slice(0, 10) ?? "") ? {} : { expires_at: ends ? endOf(ends) : null }),
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
    saved();
  };
  const add = async (force: boolean) => {
    const body = {
      text,
      ...(force ? { force } : {}),
      tags: splitTags(tags),
      memory_type: type,
      ...(project ? { project_id: project } : {}),
      ...(occurred ? { occurred_at: occurred } : {}),
      ...(pinned ? { pinned } : {}),
      ...(ends ? { expires_at: endOf(ends) } : {}),
    };
    const answer = await ok(api.POST("/api/v1/memories/", { body }));
    const reason = "event" in answer && answer.event === "NONE" ? (answer.reason ?? "duplicate") : null;
    // What is there word for word is there; all else is for the person to decide.
    if (reason !== null && reason !== "duplicate" && !force) return setKeptOut(reason);
    toast(reason === null ? t.memories.added : t.memories.known);
    stale();
    saved();
  };
  const save = async (force = false) => {
    setBusy(true);
    setError(null);
    setKeptOut(null);
    try {
      await (memory ? update(memory, version) : add(force));
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
              saved();
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
        <Field label={t.memories.text}>
          {(ids) => <Textarea {...ids} value={text} required rows={5} dir="auto" onChange={(event) => setText(event.target.value)} />}
        </Field>
        <Field label={t.memories.tags} hint={t.memories.tagsHint}>
          {(ids) => <Input {...ids} value={tags} onChange={(event) => setTags(event.target.value)} />}
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t.memories.type}>
            {(ids) => (
              <Select {...ids} value={type} onChange={(event) => setType(event.target.value)}>
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
              {(ids) => <Input {...ids} type="date" value={occurred} onChange={(event) => setOccurred(event.target.value)} />}
            </Field>
          )}
          {!memory && (projects.data?.length ?? 0) > 1 && (
            <Field label={t.memories.project}>
              {(ids) => (
                <Select {...ids} value={project} onChange={(event) => setProject(event.target.value)}>
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
            {(ids) => <Input {...ids} type="date" value={ends} disabled={pinned} onChange={(event) => setEnds(event.target.value)} />}
          </Field>
          <Field label={t.memories.pinned} hint={t.memories.pinnedHint}>
            {(ids) => <Switch {...ids} checked={pinned} onCheckedChange={setPinned} />}
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
            <Button size="sm" variant="outline" className="mt-2 text-foreground" disabled={busy} onClick={() => void save(true)}>
              {t.memories.storeAnyway}
            </Button>
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
