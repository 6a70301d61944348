import { useQuery } from "@tanstack/react-query";
import { ThumbsDown, ThumbsUp, Undo2 } from "lucide-react";

import { Button } from "@/components/ui/button";
import { Card, CardTitle } from "@/components/ui/card";
import { toast } from "@/components/ui/toast";
import { useSay, useTakeBack } from "@/features/learning/mutations";
import { useT } from "@/i18n";
import { appName } from "@/lib/apps";
import { useFormat } from "@/lib/format";

import { type Memory, feedbackQuery } from "../queries";

/** Says what the memory is worth: that moves its place in searches. */
export function Worth({ memory }: { memory: Memory }) {
  const t = useT();
  const takeBack = useTakeBack();
  const say = useSay(memory.id, (said) => toast(t.memory.thanks, { action: { label: t.common.undo, run: () => takeBack.mutate(said) } }));
  return (
    <div className="mt-4 flex flex-wrap items-center gap-2 border-t pt-3 text-sm text-subtle">
      <span className="mr-auto">{t.memory.worth}</span>
      <Button size="sm" variant="outline" disabled={say.isPending} onClick={() => say.mutate("POSITIVE")}>
        <ThumbsUp />
        {t.memory.useful}
      </Button>
      <Button size="sm" variant="outline" disabled={say.isPending} onClick={() => say.mutate("NEGATIVE")}>
        <ThumbsDown />
        {t.memory.useless}
      </Button>
    </div>
  );
}

/** What clients and people said that the memory was worth, as far as it stands; each can be taken back. */
export function Said({ id }: { id: string }) {
  const t = useT();
  const format = useFormat();
  const said = useQuery(feedbackQuery(id));
  const takeBack = useTakeBack();
  const reverted = new Set(said.data?.map(({ reverts }) => reverts));
  const standing = said.data?.filter((each) => !each.reverts && !reverted.has(each.id)).toReversed() ?? [];
  if (standing.length === 0) return null;
  return (
    <Card>
      <CardTitle>{t.learning.saidTitle}</CardTitle>
      <ul className="mt-3 grid gap-3 text-sm">
        {standing.map((each) => (
          <li key={each.id} className="flex items-start gap-3">
            <div className="min-w-0 flex-1">
              <p>{t.learning.said[each.feedback] ?? each.feedback}</p>
              <p className="memory-text text-subtle">
                {[appName(t, each.app_name), format.ago(each.created_at), ...(each.query ? [t.learning.asked(each.query)] : [])].join(
                  " · ",
                )}
              </p>
            </div>
            <Button
              size="sm"
              variant="outline"
              aria-label={`${t.learning.takeBack}: ${t.learning.said[each.feedback] ?? each.feedback}`}
              onClick={() => takeBack.mutate(each.id)}
            >
              <Undo2 />
              {t.learning.takeBack}
            </Button>
          </li>
        ))}
      </ul>
    </Card>
  );
}
