// When a call is made again. Whether it may be is decided where the call is made: by its method, or by its key.

import { UnreachableError, type ApiError } from "./errors.js";

export interface Retry {
  /** Tries in all; 1 never repeats. */
  tries: number;
  /** Milliseconds before the second try at most; doubled for each further one. */
  first: number;
  /** The longest pause in milliseconds. Where the server asks for a longer one, the error is thrown instead, with `retryAfter`. */
  longest: number;
}

export const RETRY: Retry = { tries: 4, first: 250, longest: 20_000 };

/** Milliseconds until the next try; `undefined` where there is none. */
export function pauseAfter({ tries, first, longest }: Retry, tried: number, error: ApiError): number | undefined {
  if (tried >= tries || !(error instanceof UnreachableError || [429, 502, 503, 504].includes(error.status))) return undefined;
  // The random part keeps many clients from coming back in step.
  const pause = Math.min(longest, first * 2 ** (tried - 1)) * (0.5 + Math.random() / 2);
  const asked = (error.retryAfter ?? 0) * 1000;
  return asked > longest ? undefined : Math.max(pause, asked);
}

/** Ends early, with the signal's reason, where the caller gives up. */
export function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((done, failed) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      if (signal?.aborted) failed(signal.reason);
      else done();
    };
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener("abort", end);
    if (signal?.aborted) end();
  });
}
