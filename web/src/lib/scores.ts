import type { Catalogue } from "@/i18n/en";

/** The parts of a score as they are told: what made no difference is left out. */
export type Parts = Partial<Record<"dense" | "lexical" | "date" | "neighbours" | "speaker" | "quality", number | null>>;

export function told(t: Catalogue, score: number, parts: Parts, shown: (value: number) => string): [string, string][] {
  const names = t.memories.scores;
  const list: [string, string][] = [
    [names.score, shown(score)],
    [names.dense, typeof parts.dense === "number" ? shown(parts.dense) : names.none],
    [names.lexical, shown(parts.lexical ?? 0)],
  ];
  for (const name of ["date", "neighbours", "speaker"] as const) if (parts[name]) list.push([names[name], `+${shown(parts[name])}`]);
  if (parts.quality && Math.abs(parts.quality - 1) > 0.0005) list.push([names.quality, `×${shown(parts.quality)}`]);
  return list;
}
