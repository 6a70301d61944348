import { Link } from "@tanstack/react-router";

import { Badge } from "@/components/ui/card";
import type { Memory } from "@/features/memory/queries";
import { useT } from "@/i18n";
import { appName } from "@/lib/apps";
import { useFormat } from "@/lib/format";

import type { Stretch } from "../differences";

/** A memory, with what only it says marked. */
export function Told({ memory, title, stretches }: { memory: Memory; title: string | null; stretches: Stretch[] | null }) {
  const t = useT();
  const format = useFormat();
  return (
    <div className={title ? "rounded-xl bg-muted p-3" : ""}>
      {title && <h3 className="mb-1 text-xs font-medium text-subtle">{title}</h3>}
      <Link to="/memories/$id" params={{ id: memory.id }} preload={false} className="memory-text line-clamp-6 rounded-sm hover:underline">
        {stretches
          ? stretches.map(({ text, differs }, at) =>
              differs ? (
                <mark key={at} className="rounded-sm bg-warning-soft text-warning underline decoration-2 underline-offset-2">
                  {text}
                </mark>
              ) : (
                text
              ),
            )
          : memory.content}
      </Link>
      <p className="mt-1.5 flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-subtle">
        <span className="font-medium">{appName(t, memory.app_name)}</span>
        <time dateTime={new Date(memory.created_at * 1000).toISOString()} title={format.full(memory.created_at)}>
          {format.ago(memory.created_at)}
        </time>
        {memory.flags.map((flag) => (
          <Badge key={flag} tone="warning">
            {t.memories.flags[flag] ?? flag}
          </Badge>
        ))}
        {memory.trust < 1 && <Badge tone="warning">{t.memories.trust(format.percent(memory.trust))}</Badge>}
        {memory.tags.slice(0, 4).map((tag) => (
          <Badge key={tag} tone="accent">
            {tag}
          </Badge>
        ))}
      </p>
    </div>
  );
}
