import * as v from "valibot";

const SHORTEST = 10;

/** A password that somebody chooses. */
export const newPassword = v.pipe(
  v.string(),
  v.check((password) => [...password].length >= SHORTEST),
);

export const signInSchema = v.object({ email: v.string(), password: v.string() });
export const registerSchema = v.object({ email: v.string(), password: newPassword });
