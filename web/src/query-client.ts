/** How questions and deeds go to the server, and what follows from every deed. */
import { MutationCache, QueryClient, type QueryKey } from "@tanstack/react-query";

import { ApiError } from "@/api/error";
import { invalidate } from "@/api/keys";
import { problemOf } from "@/components/states";
import { toast } from "@/components/ui/toast";
import { texts } from "@/i18n";

declare module "@tanstack/react-query" {
  interface Register {
    mutationMeta: {
      /** What it makes stale. */
      stale?: readonly QueryKey[];
      /** What it makes stale, and is not read anew before it is seen again. */
      later?: readonly QueryKey[];
      /** It is under way until that is read anew. */
      wait?: boolean;
      /** Its failure is told where it was done. */
      inline?: boolean;
    };
  }
}

/** It was refused because what the page shows is old: it is gone, or somebody else changed it. */
const outdated = (error: unknown) => error instanceof ApiError && [404, 409, 412].includes(error.status);

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // Whether there is an internet says nothing of a server on this machine: ask it.
      networkMode: "always",
      // What a request did wrong it does wrong again; only what may heal is tried again.
      retry: (count, error) => count < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500),
    },
    mutations: { gcTime: 0, networkMode: "always" },
  },
  mutationCache: new MutationCache({
    onError: (error, _variables, _result, { meta }) => {
      if (!meta?.inline) toast(problemOf(texts(), error), { danger: true });
    },
    onSettled: (_data, error, _variables, _result, { meta }) => {
      if (error && !outdated(error)) return;
      void invalidate(client, meta?.later ?? [], "none");
      const fresh = invalidate(client, meta?.stale ?? []);
      return meta?.wait ? fresh : undefined;
    },
  }),
});
