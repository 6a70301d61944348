import { Link } from "@tanstack/react-router";
import { Check, Merge, Pencil, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import type { Memory } from "@/api/queries";
import type { Decision, Entry, Kind } from "@/features/review/queries";
import { because } from "@/features/memories/parts/held";
import { Badge } from "@/components/ui/card";
import { Button } from "@/components/ui/button";
import { Field, Textarea } from "@/components/ui/field";
import { useT } from "@/i18n";
import type { Catalogue } from "@/i18n/en";
import { appName } from "@/lib/apps";
import { type Stretch, differences } from "@/features/review/differences";
import { drafts, useDraft } from "@/lib/drafts";
import { sendsForm } from "@/lib/focus";
import { useFormat } from "@/lib/format";

/** Under which name a text is kept while it is not sent. */
export const draftOf = (id: string) => `review ${id}`;

/** What is being written in an entry. */
export type Writing = "edit" | "merge" | null;

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

/** A memory, with what only it says marked. */
function Told({ memory, title, stretches }: { memory: Memory; title: string | null; stretches: Stretch[] | null }) {
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

/** The text that it shall have. */
function Write({
  entry: { memory, other },
  writing,
  cancel,
  decide,
}: {
  entry: Entry;
  writing: "edit" | "merge";
  cancel: () => void;
  decide: (text?: string) => void;
}) {
  const t = useT();
  const field = useRef<HTMLTextAreaElement>(null);
  const target = draftOf(memory.id);
  const [text, setText] = useState(() => drafts.of<string>(target) ?? memory.content);
  useEffect(() => {
    const { current } = field;
    current?.focus();
    current?.setSelectionRange(current.value.length, current.value.length);
  }, []);
  const merging = writing === "merge";
  const same = text.trim() === memory.content.trim();
  useDraft(target, text, !same);
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        // Without another text it keeps its own.
        decide(merging && same ? undefined : text);
      }}
    >
      {merging && other && <Told memory={other} title={t.review.other} stretches={differences(memory.content, other.content)[1]} />}
      <Field label={merging ? t.review.mergeText : t.memories.text} {...(merging ? { hint: t.review.mergeHint } : {})}>
        {(ids) => (
          <Textarea
            {...ids}
            ref={field}
            dir="auto"
            rows={4}
            required
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              // Nothing that was typed goes by one key.
              if (event.key === "Escape" && same) cancel();
              sendsForm(event);
            }}
          />
        )}
      </Field>
      <div className="flex flex-wrap gap-2">
        <Button size="sm" type="submit" disabled={text.trim() === "" || (!merging && same)}>
          {merging ? t.review.merge : t.common.save}
        </Button>
        <Button
          size="sm"
          variant="outline"
          onClick={() => {
            drafts.set(target, null);
            cancel();
          }}
        >
          {t.common.cancel}
        </Button>
      </div>
    </form>
  );
}
