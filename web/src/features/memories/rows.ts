import type { Schemas } from "@/api/client";
import type { Memory } from "@/features/memory/queries";

type Hit = Schemas["HitOut"];

/** A memory in a list, found or listed. */
export interface Row {
  id: string;
  text: string;
  app: string;
  state: string;
  type: string;
  tags: string[];
  version: number;
  createdAt: number;
  updatedAt: number;
  occurredAt: string | null;
  speaker: string | null;
  pinned: boolean;
  flags: string[];
  /** How far its source is trusted, 0 to 1. */
  trust: number;
  /** Why it is held back, while it is. */
  heldFor: string | null;
  /** How many older ones say the same and are folded under it. */
  alike: number;
  /** The part of a long text that is nearest to what was searched for. */
  part: string | null;
  /** How likely it bears on the question, and why it stands where it stands; null where nothing was searched. */
  score: number | null;
  scores: Schemas["ScoresOut"] | null;
}

export const listed = (memory: Memory): Row => ({
  id: memory.id,
  text: memory.content,
  app: memory.app_name,
  state: memory.state,
  type: memory.memory_type,
  tags: memory.tags,
  version: memory.version,
  createdAt: memory.created_at,
  updatedAt: memory.updated_at,
  occurredAt: memory.occurred_at ?? null,
  speaker: memory.speaker ?? null,
  pinned: memory.pinned,
  flags: memory.flags,
  trust: memory.trust,
  heldFor: memory.held_for ?? null,
  alike: memory.alike ?? 0,
  part: null,
  score: null,
  scores: null,
});

export const found = (hit: Hit): Row => ({
  id: hit.id,
  text: hit.memory,
  app: hit.app_name,
  state: hit.state,
  type: hit.memory_type,
  tags: hit.tags,
  version: hit.version,
  createdAt: hit.created_at,
  updatedAt: hit.updated_at,
  occurredAt: hit.occurred_at ?? null,
  speaker: hit.speaker ?? null,
  // A hit does not say this.
  pinned: false,
  flags: hit.flags,
  trust: hit.trust,
  heldFor: null,
  alike: hit.alike ?? 0,
  part: hit.part ?? null,
  score: hit.score,
  scores: hit.scores,
});
