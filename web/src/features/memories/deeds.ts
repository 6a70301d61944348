import { useQueryClient } from "@tanstack/react-query";

import { invalidate, keys } from "@/api/keys";
import { toast } from "@/components/ui/toast";
import { useT } from "@/i18n";
import { quietly } from "@/lib/quietly";

import { MOVES, type To, useMove, useRecover, useRemove } from "./mutations";
import type { Row } from "./rows";

/** What can be done with memories of a list that shows these states. Each tells what it did, with a way back. */
export function useDeeds(rows: Row[], shown: readonly string[], done: () => void) {
  const t = useT();
  const client = useQueryClient();
  const refresh = () => invalidate(client, [keys.listed.all]);
  const moving = useMove();
  const removing = useRemove();
  const recovering = useRecover((back) => {
    done();
    toast(t.memories.restored(back.length));
  });
  const move = async (ids: string[], to: To) => {
    const before = new Map(rows.filter((row) => ids.includes(row.id)).map((row) => [row.id, row.state]));
    const moved = await moving.mutateAsync({ ids, to, shown });
    done();
    const said = { paused: t.memories.paused, archived: t.memories.archived, active: t.memories.restored }[to](moved.length);
    toast(said, moved.length > 0 ? { action: { label: t.common.undo, run: () => quietly(moveBack(moved, before)) } } : {});
  };
  const moveBack = async (ids: string[], before: Map<string, string>) => {
    for (const to of MOVES) {
      const back = ids.filter((id) => before.get(id) === to);
      if (back.length > 0) await moving.mutateAsync({ ids: back, to, shown });
    }
    await refresh();
  };
  return {
    refresh,
    move: (ids: string[], to: To) => quietly(move(ids, to)),
    recover: (ids: string[]) => recovering.mutate(ids),
    async remove(ids: string[]): Promise<void> {
      const removed = await removing.mutateAsync(ids);
      done();
      toast(t.memories.deleted(removed.length), { action: { label: t.common.undo, run: () => recovering.mutate(removed) } });
    },
  };
}
