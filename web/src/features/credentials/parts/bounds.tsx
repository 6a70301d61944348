import { useQuery } from "@tanstack/react-query";
import type { ChangeEvent } from "react";

import { Field, Select } from "@/components/ui/field";
import { projectsQuery } from "@/features/projects/queries";
import { useT } from "@/i18n";

import { EXPIRY } from "../expiry";

type Bound = { value: string; onChange: (event: ChangeEvent) => void };

/** Asks for the project that a credential is limited to, and for its end. */
export function Bounds({
  bind,
  labels,
  never,
  hint,
}: {
  bind: (name: "project" | "expiry") => Bound;
  labels?: { project: string; expires: string };
  /** What it is called that there is no end. */
  never?: string | undefined;
  /** What is to be said of the end. */
  hint?: string | undefined;
}) {
  const t = useT();
  const projects = useQuery(projectsQuery);
  const ends = { ...t.connect.expiry, ...(never ? { never } : {}) };
  return (
    <div className="grid gap-x-4 gap-y-3 sm:grid-cols-2">
      <Field label={labels?.project ?? t.connect.project}>
        {(ids) => (
          <Select {...ids} {...bind("project")}>
            <option value="">{t.connect.allProjects}</option>
            {projects.data?.map((each) => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label={labels?.expires ?? t.connect.expires}>
        {(ids) => (
          <Select {...ids} {...bind("expiry")}>
            {(Object.keys(EXPIRY) as (keyof typeof EXPIRY)[]).map((each) => (
              <option key={each} value={each}>
                {ends[each]}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {hint && <p className="text-sm text-subtle sm:col-span-2">{hint}</p>}
    </div>
  );
}
