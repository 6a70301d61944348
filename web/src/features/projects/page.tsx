import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FolderOpen, MoreHorizontal, Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";

import { Confirm } from "@/components/confirm";
import { PageTitle } from "@/components/frame";
import { NameDialog } from "@/components/name-dialog";
import { Of } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Badge } from "@/components/ui/card";
import { Dialog } from "@/components/ui/dialog";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/components/ui/menu";
import { useT } from "@/i18n";
import { useFormat } from "@/lib/format";

import { useAddProject, useDeleteProject, useRenameProject } from "./mutations";
import { type Project, projectsQuery } from "./queries";

export function Projects() {
  const t = useT();
  const format = useFormat();
  const projects = useQuery(projectsQuery);
  const [naming, setNaming] = useState<Project | "new" | null>(null);
  const [deleting, setDeleting] = useState<Project | null>(null);
  const [add, rename, remove] = [useAddProject(), useRenameProject(), useDeleteProject()];
  return (
    <>
      <PageTitle
        title={t.projects.title}
        lead={t.projects.lead}
        actions={
          <Button onClick={() => setNaming("new")}>
            <Plus />
            {t.projects.add}
          </Button>
        }
      />
      <Of query={projects}>
        {(all) => (
          <ul className="grid gap-3 sm:grid-cols-2">
            {all.map((project) => (
              <li key={project.id} className="relative flex items-center gap-3 rounded-2xl border bg-surface p-4 hover:border-control">
                <FolderOpen className="size-5 shrink-0 text-primary" aria-hidden />
                <div className="min-w-0 flex-1">
                  <p className="flex items-center gap-2">
                    <Link
                      to="/memories"
                      search={{ project: project.id }}
                      className="truncate rounded-sm font-semibold after:absolute after:inset-0 after:rounded-2xl"
                    >
                      {project.name}
                    </Link>
                    {project.is_default && <Badge>{t.projects.default}</Badge>}
                  </p>
                  <p className="text-sm text-subtle">
                    {t.memories.count(project.total_memories)} · {format.day(project.created_at)}
                  </p>
                </div>
                <Menu>
                  <MenuTrigger asChild>
                    <Button variant="ghost" size="icon" className="relative z-10" aria-label={`${t.common.moreActions}: ${project.name}`}>
                      <MoreHorizontal />
                    </Button>
                  </MenuTrigger>
                  <MenuContent align="end">
                    <MenuItem onSelect={() => setNaming(project)}>
                      <Pencil />
                      {t.common.rename}
                    </MenuItem>
                    {!project.is_default && (
                      <MenuItem danger onSelect={() => setDeleting(project)}>
                        <Trash2 />
                        {t.common.delete}
                      </MenuItem>
                    )}
                  </MenuContent>
                </Menu>
              </li>
            ))}
          </ul>
        )}
      </Of>
      <Dialog open={naming !== null} onOpenChange={(open) => !open && setNaming(null)}>
        {naming !== null && (
          <NameDialog
            {...(naming === "new" ? { title: t.projects.add } : { title: t.projects.renameTitle, name: naming.name })}
            save={async (name) => {
              await (naming === "new" ? add.mutateAsync(name) : rename.mutateAsync({ id: naming.id, name }));
              setNaming(null);
            }}
          />
        )}
      </Dialog>
      <Confirm
        open={deleting !== null}
        onOpenChange={(open) => !open && setDeleting(null)}
        title={t.projects.deleteTitle(deleting?.name ?? "")}
        action={t.common.delete}
        final
        run={async () => deleting && remove.mutateAsync(deleting.id)}
      >
        {t.projects.deleteText}
      </Confirm>
    </>
  );
}
