import { Link } from "@tanstack/react-router";
import { Check, Merge, Pencil, Trash2 } from "lucide-react";

import { Button } from "@/components/ui/button";
import { Badge } from "@/components/ui/card";
import { useT } from "@/i18n";
import type { Catalogue } from "@/i18n/en";
import { because } from "@/lib/held";
import type { Kind } from "@/routes";

import { differences } from "../differences";
import type { Decision } from "../mutations";
import type { Entry } from "../queries";
import { Told } from "./told";
import { Write, type Writing } from "./write";

/** Why it stands here, one sentence for each reason. */
function reasons(t: Catalogue, { kinds, memory }: Entry): string[] {
  const { why } = t.review;
  return (kinds as Kind[]).map((kind) => (kind === "held" ? why.held(because(t, memory.held_for)) : why[kind]));
}

/** One entry of the queue, with all that can be decided. */
export function ReviewEntry({
  entry,
  writing,
  write,
  decide,
}: {
  entry: Entry;
  writing: Writing;
  write: (next: Writing) => void;
  decide: (decision: Decision, text?: string) => void;
}) {
  const t = useT();
  const { memory, other } = entry;
  const [mine, theirs] = other ? differences(memory.content, other.content) : [null, null];
  const quote = memory.source?.quote;
  const session = memory.source?.session_id ?? memory.session_id;
  return (
    <article
      tabIndex={-1}
      aria-label={memory.content.slice(0, 80)}
      className="grid gap-3 rounded-2xl border bg-surface p-4 focus-within:border-primary sm:p-5"
    >
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
        {entry.kinds.map((kind) => (
          <Badge key={kind} tone="warning">
            {t.review.kind[kind] ?? kind}
          </Badge>
        ))}
        <span className="text-subtle">{reasons(t, entry).join(" ")}</span>
      </p>
      {writing ? (
        <Write key={writing} entry={entry} writing={writing} cancel={() => write(null)} decide={(text) => decide(writing, text)} />
      ) : (
        <div className={other ? "grid gap-3 md:grid-cols-2" : ""}>
          <Told memory={memory} title={other ? t.review.new : null} stretches={mine} />
          {other && <Told memory={other} title={t.review.other} stretches={theirs} />}
        </div>
      )}
      {(quote || session) && (
        <div className="text-sm text-subtle">
          {quote && (
            <>
              <p className="font-medium">{t.review.source}</p>
              <blockquote className="memory-text mt-1 line-clamp-4 border-l-2 pl-3">{quote}</blockquote>
            </>
          )}
          {session && (
            <Link to="/memories" search={{ session }} className="mt-1 inline-block text-primary underline underline-offset-4">
              {t.memory.sameConversation}
            </Link>
          )}
        </div>
      )}
      {!writing && (
        <div className="flex flex-wrap gap-2">
          <Button size="sm" data-decide="keep" onClick={() => decide("keep")}>
            <Check />
            {t.review.keep}
          </Button>
          <Button size="sm" variant="outline" onClick={() => write("edit")}>
            <Pencil />
            {t.review.edit}
          </Button>
          {other && (
            <Button size="sm" variant="outline" onClick={() => write("merge")}>
              <Merge />
              {t.review.merge}
            </Button>
          )}
          <Button size="sm" variant="danger-outline" onClick={() => decide("drop")}>
            <Trash2 />
            {t.review.drop}
          </Button>
        </div>
      )}
    </article>
  );
}
