import type { Catalogue } from "@/i18n/en";

/** Why something is held back, as half a sentence. */
export function because(t: Catalogue, heldFor: string | null | undefined): string {
  return t.held.because[heldFor ?? ""] ?? t.held.because.nothing_lasting ?? "";
}
