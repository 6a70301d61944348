import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Link2, Unlink } from "lucide-react";

import { Of } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Badge, Card, CardTitle } from "@/components/ui/card";
import { useT } from "@/i18n";

import { useLinked } from "../mutations";
import { relatedQuery } from "../queries";

/** What somebody linked with it, and what is like it. */
export function Related({ id }: { id: string }) {
  const t = useT();
  const related = useQuery(relatedQuery(id));
  const linked = useLinked(id);
  return (
    <Card>
      <CardTitle>{t.memory.related}</CardTitle>
      <div className="mt-3">
        <Of query={related} height="h-24">
          {(items) =>
            items.length === 0 ? (
              <p className="text-sm text-subtle">{t.memory.relatedEmpty}</p>
            ) : (
              <ul className="grid gap-1">
                {items.map((item) => (
                  <li key={item.id} className="-mx-2 flex items-start gap-2 rounded-lg px-2 py-1 hover:bg-muted">
                    <Link to="/memories/$id" params={{ id: item.id }} preload={false} className="min-w-0 flex-1 rounded-sm py-1 text-sm">
                      <span className="memory-text line-clamp-2">{item.content}</span>
                    </Link>
                    {item.linked && <Badge tone="accent">{t.memory.linked}</Badge>}
                    <Button
                      variant="ghost"
                      size="icon"
                      className="size-7"
                      aria-label={`${item.linked ? t.memory.unlink : t.memory.link}: ${item.content.slice(0, 60)}`}
                      onClick={() => linked.mutate({ other: item.id, linked: !item.linked })}
                    >
                      {item.linked ? <Unlink /> : <Link2 />}
                    </Button>
                  </li>
                ))}
              </ul>
            )
          }
        </Of>
      </div>
    </Card>
  );
}
