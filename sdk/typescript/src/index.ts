/** A client of Jonathan's Memory: one personal memory that all AI clients of a person share. */
export * from "./client.js";
export * from "./errors.js";
export type { Retry } from "./retry.js";
export type { components, operations, paths } from "./schema.js";
