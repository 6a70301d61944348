import { queryOptions } from "@tanstack/react-query";

import { type Schemas, api, ok } from "@/api/client";
import { keys } from "@/api/keys";

/** Which writes: of whom and when, or of which import. */
export type Writes = Omit<Schemas["UndoWrites"], "dry_run">;

export const undo = (writes: Writes, dry_run: boolean) => ok(api.POST("/api/v1/undo", { body: { ...writes, dry_run } }));

/** What taking them back would do. */
export const undoQuery = (writes: Writes) => queryOptions({ queryKey: keys.undo(writes), queryFn: () => undo(writes, true), gcTime: 0 });
