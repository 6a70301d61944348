import * as v from "valibot";

/** What becomes of what is found in a text. */
export const POLICIES = ["keep", "redact", "refuse"] as const;
/** What waits for a person. */
export const REVIEWS = ["off", "inferred", "all"] as const;

const policy = v.picklist(POLICIES);

/** The rules as they are sent; what else the server knows goes with them. */
export const rulesSchema = v.looseObject({
  gate: v.looseObject({
    secrets: policy,
    identifiers: policy,
    contacts: policy,
    duplicates: v.boolean(),
    junk: v.boolean(),
    echoes: v.boolean(),
  }),
  review: v.optional(v.picklist(REVIEWS)),
  decay: v.boolean(),
});
