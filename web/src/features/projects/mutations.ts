import { useMutation } from "@tanstack/react-query";

import { api, ok } from "@/api/client";
import { stale } from "@/api/keys";

// Dialogs do these, and tell what failed.
const meta = { stale: stale.projects, inline: true };

export const useAddProject = () =>
  useMutation({ mutationFn: (name: string) => ok(api.POST("/api/v1/projects/", { body: { name } })), meta });

export const useRenameProject = () =>
  useMutation({
    mutationFn: ({ id, name }: { id: string; name: string }) =>
      ok(api.PUT("/api/v1/projects/{project_id}", { params: { path: { project_id: id } }, body: { name } })),
    meta,
  });

export const useDeleteProject = () =>
  useMutation({
    mutationFn: (id: string) => ok(api.DELETE("/api/v1/projects/{project_id}", { params: { path: { project_id: id } } })),
    meta,
  });
