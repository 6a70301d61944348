import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { PageTitle } from "@/components/frame";
import { Of } from "@/components/states";
import { Select } from "@/components/ui/field";
import { projectsQuery } from "@/features/projects/queries";
import { useT } from "@/i18n";

import { Fading } from "./parts/fading";
import { InProject } from "./parts/in-project";
import { Ranking } from "./parts/ranking";

/** What the service learned of use: seen here, and taken back here. */
export function Learning() {
  const t = useT();
  const projects = useQuery(projectsQuery);
  const [chosen, setChosen] = useState<string | null>(null);
  const project =
    projects.data?.find(({ id }) => id === chosen) ?? projects.data?.find(({ is_default }) => is_default) ?? projects.data?.[0];
  return (
    <>
      <PageTitle
        title={t.learning.title}
        lead={t.learning.lead}
        actions={
          <Select
            className="w-auto max-w-60 min-w-36"
            aria-label={t.memory.project}
            value={project?.id ?? ""}
            onChange={(event) => setChosen(event.target.value)}
          >
            {projects.data?.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
        }
      />
      <div className="grid gap-4">
        <Of query={projects} height="h-80">
          {() => project && <InProject id={project.id} />}
        </Of>
        <div className="grid items-start gap-4 lg:grid-cols-[1.7fr_1fr]">
          <Fading />
          <Ranking />
        </div>
      </div>
    </>
  );
}
