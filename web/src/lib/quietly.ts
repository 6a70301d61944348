import { ApiError } from "@/api/error";

/** Lets a deed go on by itself. That it failed is told already: see query-client.ts. */
export function quietly(deed: Promise<unknown>): void {
  deed.catch((failure: unknown) => {
    if (!(failure instanceof ApiError)) throw failure;
  });
}
