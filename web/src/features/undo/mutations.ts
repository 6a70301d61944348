import { useMutation } from "@tanstack/react-query";

import { stale } from "@/api/keys";

import { type Writes, undo } from "./queries";

/** Takes writes back. The dialog that asks tells what failed. */
export const useUndoWrites = () =>
  useMutation({ mutationFn: (writes: Writes) => undo(writes, false), meta: { stale: stale.everything, wait: true, inline: true } });
