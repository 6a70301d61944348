import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { Card, CardTitle } from "@/components/ui/card";
import { projectsQuery } from "@/features/projects/queries";
import { useT } from "@/i18n";
import { appName } from "@/lib/apps";
import { useFormat } from "@/lib/format";

import type { Memory } from "../queries";

/** Where and when it came from, and how it stands. */
export function Provenance({ memory }: { memory: Memory }) {
  const t = useT();
  const format = useFormat();
  const projects = useQuery(projectsQuery);
  const project = projects.data?.find((each) => each.id === memory.project_id);
  const metadata = JSON.stringify(memory.metadata_, null, 2);
  const facts: [string, ReactNode][] = [
    [
      t.memory.app,
      <Link key="app" to="/apps/$id" params={{ id: memory.app_id }} className="text-primary underline underline-offset-4">
        {appName(t, memory.app_name)}
      </Link>,
    ],
    [
      t.memory.project,
      project && (
        <Link key="project" to="/memories" search={{ project: project.id }} className="text-primary underline underline-offset-4">
          {project.name}
        </Link>
      ),
    ],
    [t.memory.type, t.memories.types[memory.memory_type] ?? memory.memory_type],
    [t.memory.speaker, memory.speaker],
    [t.memory.happened, memory.occurred_at && format.happened(memory.occurred_at)],
    [t.memory.added, format.full(memory.created_at)],
    [t.memory.changed, memory.updated_at !== memory.created_at && format.full(memory.updated_at)],
    [
      t.memory.session,
      memory.session_id && (
        <Link key="session" to="/memories" search={{ session: memory.session_id }} className="text-primary underline underline-offset-4">
          {t.memory.sameConversation}
        </Link>
      ),
    ],
    [t.memories.ends, memory.expires_at && format.day(memory.expires_at)],
    [
      t.memory.supersededBy,
      memory.superseded_by && (
        <Link
          key="superseded"
          to="/memories/$id"
          params={{ id: memory.superseded_by }}
          className="text-primary underline underline-offset-4"
        >
          {t.memory.supersededOpen}
        </Link>
      ),
    ],
    [t.memory.confidence, memory.confidence < 1 && format.percent(memory.confidence)],
    [t.memory.strength, format.percent(memory.strength)],
    [t.memory.trust, memory.trust < 1 && format.percent(memory.trust)],
    [t.memory.version, memory.version],
  ];
  return (
    <Card>
      <CardTitle>{t.memory.provenance}</CardTitle>
      <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-2 text-sm">
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-subtle">{name}</dt>
              <dd className="min-w-0 break-words">{value}</dd>
            </div>
          ))}
      </dl>
      {metadata !== "{}" && (
        <details className="mt-3 text-sm">
          <summary className="font-medium">{t.memory.metadata}</summary>
          <pre tabIndex={0} className="mt-2 max-h-60 overflow-auto rounded-xl bg-muted p-3 font-mono text-xs whitespace-pre-wrap break-all">
            {metadata}
          </pre>
        </details>
      )}
    </Card>
  );
}
