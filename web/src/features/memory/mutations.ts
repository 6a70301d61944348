import { useMutation } from "@tanstack/react-query";

import { type Schemas, api, ok } from "@/api/client";
import { ApiError } from "@/api/error";
import { stale } from "@/api/keys";
import { toast } from "@/components/ui/toast";
import { useT } from "@/i18n";

import { type Memory, getMemory } from "./queries";

/** The version that was seen must still be the current one. */
const seen = (id: string, version: number) => ({ path: { memory_id: id }, header: { "If-Match": `"${version}"` } });

interface Change {
  id: string;
  version: number;
  body: Schemas["MemoryChange"];
}
const change = ({ id, version, body }: Change) => ok(api.PUT("/api/v1/memories/{memory_id}", { params: seen(id, version), body }));

/** Adds a memory. The editor tells what failed. */
export const useAddMemory = () =>
  useMutation({
    mutationFn: (body: Schemas["MemoryIn"]) => ok(api.POST("/api/v1/memories/", { body })),
    meta: { stale: stale.written, inline: true },
  });

/** Changes a memory; answers what it says now, where somebody else changed it in between. The editor tells what failed. */
export const useChangeMemory = () =>
  useMutation({
    mutationFn: async (wanted: Change): Promise<Memory | null> => {
      try {
        await change(wanted);
        return null;
      } catch (failure) {
        if (!(failure instanceof ApiError) || failure.code !== "version_conflict") throw failure;
        return getMemory(wanted.id);
      }
    },
    meta: { stale: stale.written, inline: true },
  });

export const usePin = ({ id, version, pinned }: Memory) =>
  useMutation({ mutationFn: () => change({ id, version, body: { pinned: !pinned } }), meta: { stale: stale.written } });

/** Takes one step of its history back. */
export const useUndoStep = ({ id, version: current }: Memory) => {
  const t = useT();
  return useMutation({
    mutationFn: (version: number) => ok(api.POST("/api/v1/memories/{memory_id}/undo", { params: seen(id, current), body: { version } })),
    onSuccess: () => toast(t.memory.undone),
    meta: { stale: stale.written },
  });
};

/** Links another memory with it, or takes the link away. */
export const useLinked = (id: string) =>
  useMutation({
    mutationFn: async ({ other, linked }: { other: string; linked: boolean }) => {
      const params = { path: { memory_id: id, other_id: other } };
      await (linked
        ? ok(api.POST("/api/v1/memories/{memory_id}/links/{other_id}", { params }))
        : ok(api.DELETE("/api/v1/memories/{memory_id}/links/{other_id}", { params })));
    },
    meta: { stale: stale.linked(id) },
  });

/** Reads a memory as it stands now, to edit it. */
export const useOpen = (opened: (memory: Memory) => void) => useMutation({ mutationFn: getMemory, onSuccess: opened });
