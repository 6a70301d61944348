import type { Catalogue } from "@/i18n/en";

import type { useFormat } from "./format";

/** Why something found stands where it stands. */
export type Parts = Partial<Record<"dense" | "lexical" | "date" | "neighbours" | "speaker" | "quality" | "order", number | null>>;

/** Parts of the order, as they are told: what made no difference is left out. */
const ADDED = ["date", "neighbours", "speaker"] as const;
const LEAST = 0.005;

/** What speaks for it, then what the order follows. */
export function told(t: Catalogue, format: ReturnType<typeof useFormat>, parts: Parts): [string, string][] {
  const names = t.memories.scores;
  const made: string[] = [];
  for (const name of ADDED) {
    const value = parts[name] ?? 0;
    if (Math.abs(value) >= LEAST) made.push(`${names[name]} ${value < 0 ? "−" : "+"}${format.part(Math.abs(value))}`);
  }
  if (parts.quality && Math.abs(parts.quality - 1) >= LEAST) made.push(`${names.quality} ×${format.part(parts.quality)}`);
  return [
    [names.dense, typeof parts.dense === "number" ? format.part(parts.dense) : names.none],
    [names.lexical, format.part(parts.lexical ?? 0)],
    ...(typeof parts.order === "number" ? [[names.order, names.ordered(format.part(parts.order), made)] satisfies [string, string]] : []),
  ];
}
