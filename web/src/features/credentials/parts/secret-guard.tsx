import { useBlocker } from "@tanstack/react-router";

import { session } from "@/api/session";
import { Losing, useGuard } from "@/components/ui/dialog";

/** While a secret would be lost, asks before its dialog closes and before the page is left. */
export function SecretGuard({ losing }: { losing: boolean }) {
  useGuard(losing, "secret");
  const blocker = useBlocker({
    // Whoever is signed out must leave.
    shouldBlockFn: () => losing && session.get().status === "signed-in",
    enableBeforeUnload: losing,
    withResolver: true,
  });
  return blocker.status === "blocked" ? <Losing loss="secret" keep={blocker.reset} leave={blocker.proceed} /> : null;
}
