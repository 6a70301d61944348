import * as v from "valibot";

import { dayOf, endOfDay } from "@/lib/days";
import { drafts } from "@/lib/drafts";

import type { Memory } from "./queries";

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

const splitTags = (text: string) => [
  ...new Set(
    text
      .split(/[,，]/)
      .map((tag) => tag.trim())
      .filter(Boolean),
  ),
];

/** What an editor holds, and what it sends. */
export const schema = v.object({
  /** What it began with; null for a new memory. */
  memory: v.nullable(v.custom<Edited>(() => true)),
  text: v.pipe(
    v.string(),
    v.check((text) => text.trim() !== ""),
  ),
  tags: v.pipe(v.string(), v.transform(splitTags)),
  type: v.string(),
  project: v.string(),
  pinned: v.boolean(),
  ends: v.string(),
  occurred: v.string(),
});
export type Fields = v.InferInput<typeof schema>;
export type Sent = v.InferOutput<typeof schema>;

export const untouched = (memory: Edited | null): Fields => ({
  memory,
  text: memory?.text ?? "",
  tags: memory?.tags.join(", ") ?? "",
  type: memory?.type ?? "semantic",
  project: "",
  pinned: memory?.pinned ?? false,
  ends: memory?.expiresAt ? dayOf(memory.expiresAt) : "",
  occurred: "",
});

/** A memory as it is added. */
export const added = ({ text, tags, type, project, pinned, ends, occurred }: Sent) => ({
  text,
  // What a person types here is their own word: nothing is held back.
  force: true,
  tags,
  memory_type: type,
  ...(project ? { project_id: project } : {}),
  ...(occurred ? { occurred_at: occurred } : {}),
  ...(pinned ? { pinned } : {}),
  ...(ends ? { expires_at: endOfDay(ends) } : {}),
});

/** A memory as it is changed; what stayed as it was is left alone. */
export const changed = ({ text, tags, type, pinned, ends }: Sent, before: Edited) => ({
  memory_content: text,
  tags,
  memory_type: type,
  ...(pinned === before.pinned ? {} : { pinned }),
  ...(ends === untouched(before).ends ? {} : { expires_at: ends ? endOfDay(ends) : null }),
});

/** What was being edited on this page when it went away, by a reload or by the end of a session. */
export function unfinished(): Edited | "new" | null {
  const found = drafts.at<Fields>(location.pathname);
  return found && (found.memory ?? "new");
}
