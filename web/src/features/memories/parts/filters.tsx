import { useQuery } from "@tanstack/react-query";

import { Button } from "@/components/ui/button";
import { Input, Select } from "@/components/ui/field";
import { appsQuery } from "@/features/apps/queries";
import { MEMORY_TYPES } from "@/features/memory/edited";
import { projectsQuery } from "@/features/projects/queries";
import { useT } from "@/i18n";
import { appName } from "@/lib/apps";
import { cn } from "@/lib/cn";
import type { MemoryFilters } from "@/routes";

import { SHOWN, tagsQuery } from "../queries";

/** Narrows the list; folded away until it is asked for. */
export function Filters({ filters, change, open }: { filters: MemoryFilters; change: (next: MemoryFilters) => void; open: boolean }) {
  const t = useT();
  const apps = useQuery(appsQuery);
  const projects = useQuery(projectsQuery);
  const tags = useQuery(tagsQuery);
  const set = (name: keyof MemoryFilters, value: string) => {
    const next = { ...filters, [name]: value };
    if (value === "") delete next[name];
    change(next);
  };
  const choice = (name: keyof MemoryFilters, label: string, any: string | null, options: [string, string][]) => (
    <label className={cn("grid min-w-0 gap-1", name === "state" && "max-sm:col-span-2")}>
      <span className="text-xs font-medium text-subtle">{label}</span>
      <Select value={filters[name] ?? ""} onChange={(event) => set(name, event.target.value)}>
        {any !== null && <option value="">{any}</option>}
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </Select>
    </label>
  );
  const day = (name: "from" | "to", label: string) => (
    <label className="grid min-w-0 gap-1 max-sm:col-span-2">
      <span className="text-xs font-medium text-subtle">{label}</span>
      <Input type="date" value={filters[name] ?? ""} onChange={(event) => set(name, event.target.value)} />
    </label>
  );
  return (
    <div
      id="filters"
      role="group"
      aria-label={t.memories.filters}
      className={cn("mb-3 grid grid-cols-2 gap-3 rounded-2xl border bg-surface p-4 sm:grid-cols-4", !open && "hidden")}
    >
      {choice("app", t.memories.app, t.memories.anyApp, apps.data?.map((app) => [app.id, appName(t, app.name)]) ?? [])}
      {choice("project", t.memories.project, t.memories.anyProject, projects.data?.map((project) => [project.id, project.name]) ?? [])}
      {choice(
        "type",
        t.memories.type,
        t.memories.anyType,
        MEMORY_TYPES.map((type) => [type, t.memories.types[type] ?? type]),
      )}
      {choice("tag", t.memories.tag, t.memories.anyTag, tags.data?.map((tag) => [tag.name, `${tag.name} (${tag.count})`]) ?? [])}
      {choice(
        "state",
        t.memories.state,
        null,
        Object.keys(SHOWN).map((state) => [state === "default" ? "" : state, t.memories.shownStates[state] ?? state]),
      )}
      {day("from", t.memories.from)}
      {day("to", t.memories.to)}
      {Object.keys(filters).length > 0 && (
        <Button variant="link" size="sm" className="self-end justify-self-start px-0" onClick={() => change({})}>
          {t.memories.resetFilters}
        </Button>
      )}
    </div>
  );
}
