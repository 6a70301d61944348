import * as v from "valibot";

import { expirySchema } from "@/features/credentials/expiry";

/** What a program may do that is let in. */
export const decisionSchema = v.object({
  scopes: v.pipe(v.array(v.string()), v.minLength(1)),
  /** Its id; empty for all. */
  project: v.string(),
  expiry: expirySchema,
});

/** The letters of a code: no vowels, and none that looks like something else. */
const CODE = /^[BCDFGHJKLMNPQRSTVWXZ]{8}$/;

/** A code as people type it: in small letters, without its dash, with blanks. */
export const codeSchema = v.object({
  code: v.pipe(
    v.string(),
    v.transform((typed) => typed.replaceAll(/[\s\p{Pd}]/gu, "").toUpperCase()),
    v.regex(CODE),
    v.transform((letters) => `${letters.slice(0, 4)}-${letters.slice(4)}`),
  ),
});

/** The code that this is, as a terminal shows it; null for the id of a request. */
export function codeOf(request: string): string | null {
  const read = v.safeParse(codeSchema, { code: request });
  return read.success ? read.output.code : null;
}
