import { Undo2 } from "lucide-react";

import { Button } from "@/components/ui/button";
import { Badge, Card, CardTitle } from "@/components/ui/card";
import { useT } from "@/i18n";

import type { Decision } from "../mutations";

/** A memory that was decided about. */
export interface Done {
  id: string;
  text: string;
  decision: Decision;
}

/** What was decided a moment ago; each can be taken back. */
export function DecidedList({ decided, takeBack }: { decided: Done[]; takeBack: (id: string) => void }) {
  const t = useT();
  if (decided.length === 0) return null;
  return (
    // Messages lie over the end of the page: what is there can be scrolled out from under them.
    <Card className="mt-6 mb-28">
      <CardTitle>{t.review.decided}</CardTitle>
      <ul className="mt-3 grid gap-2 text-sm">
        {decided.map(({ id, text, decision }) => (
          <li key={id} className="flex items-start gap-3">
            <Button size="sm" variant="outline" aria-label={`${t.common.undo}: ${text.slice(0, 60)}`} onClick={() => takeBack(id)}>
              <Undo2 />
              {t.common.undo}
            </Button>
            <Badge className="mt-1.5 shrink-0">{t.review[decision]}</Badge>
            <span className="memory-text mt-1.5 line-clamp-2 min-w-0 flex-1">{text}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
