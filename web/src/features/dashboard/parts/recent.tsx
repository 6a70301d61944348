import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { type Seen, useSeen } from "@/api/live";
import { Card, CardTitle } from "@/components/ui/card";
import { useT } from "@/i18n";
import type { Catalogue } from "@/i18n/en";
import { appName } from "@/lib/apps";
import { useFormat } from "@/lib/format";

function describe(t: Catalogue, event: Seen["event"]): string {
  const app = appName(t, event.app);
  if (event.type === "memory.added" && event.state === "held") return t.dashboard.heldBack(app);
  return event.type === "memory.read" ? t.dashboard.event["memory.read"](app, event.memory_ids.length) : t.dashboard.event[event.type](app);
}

/** What happened while the page was open. */
export function Recent() {
  const t = useT();
  const format = useFormat();
  const seen = useSeen();
  const entry = ({ event }: Seen): ReactNode => {
    const text = describe(t, event);
    const id =
      event.type === "memory.read"
        ? event.memory_ids[0]
        : event.type === "credential.used" || event.type === "memory.deleted"
          ? null
          : event.memory_id;
    return id ? (
      <Link to="/memories/$id" params={{ id }} preload={false} className="rounded-sm hover:underline">
        {text}
      </Link>
    ) : (
      text
    );
  };
  return (
    <Card className="flex flex-col">
      <CardTitle>{t.dashboard.recent}</CardTitle>
      <div aria-live="polite" className="mt-3 min-h-40 flex-1">
        {seen.length === 0 ? (
          <p className="text-sm text-subtle">{t.dashboard.recentEmpty}</p>
        ) : (
          <ol className="grid gap-2 text-sm">
            {seen.slice(0, 10).map((each) => (
              <li key={each.key} className="flex animate-[appear_200ms_ease-out] justify-between gap-3">
                <span className="min-w-0 truncate">{entry(each)}</span>
                <time dateTime={each.event.at} className="shrink-0 text-subtle">
                  {format.ago(each.event.at)}
                </time>
              </li>
            ))}
          </ol>
        )}
      </div>
    </Card>
  );
}
