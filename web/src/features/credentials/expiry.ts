import * as v from "valibot";

/** Days until a credential ends; 0 for never. */
export const EXPIRY = { never: 0, d7: 7, d30: 30, d90: 90, d365: 365 } as const;

export const expirySchema = v.picklist(["never", "d7", "d30", "d90", "d365"]);
