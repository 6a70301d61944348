import { useEffect, useRef, useState } from "react";
import * as v from "valibot";

import { Button } from "@/components/ui/button";
import { Field, Textarea } from "@/components/ui/field";
import { useT } from "@/i18n";
import { drafts, useDraft } from "@/lib/drafts";
import { sendsForm } from "@/lib/focus";
import { useForm } from "@/lib/form";

import { differences } from "../differences";
import type { Entry } from "../queries";
import { Told } from "./told";

/** Under which name a text is kept while it is not sent. */
export const draftOf = (id: string) => `review ${id}`;

/** What is being written in an entry. */
export type Writing = "edit" | "merge" | null;

const schema = v.object({
  text: v.pipe(
    v.string(),
    v.check((text) => text.trim() !== ""),
  ),
});

/** The text that it shall have. */
export function Write({
  entry: { memory, other },
  writing,
  cancel,
  decide,
}: {
  entry: Entry;
  writing: Exclude<Writing, null>;
  cancel: () => void;
  decide: (text?: string) => void;
}) {
  const t = useT();
  const field = useRef<HTMLTextAreaElement>(null);
  const target = draftOf(memory.id);
  const [draft] = useState(() => drafts.of<string>(target));
  const { values, fits, bind, onSubmit } = useForm(schema, { text: draft ?? memory.content });
  const { text } = values;
  useEffect(() => {
    const { current } = field;
    current?.focus();
    current?.setSelectionRange(current.value.length, current.value.length);
  }, []);
  const merging = writing === "merge";
  const same = text.trim() === memory.content.trim();
  useDraft(target, text, !same);
  return (
    // Without another text it keeps its own.
    <form className="grid gap-3" onSubmit={onSubmit((sent) => decide(merging && same ? undefined : sent.text))}>
      {merging && other && <Told memory={other} title={t.review.other} stretches={differences(memory.content, other.content)[1]} />}
      <Field label={merging ? t.review.mergeText : t.memories.text} {...(merging ? { hint: t.review.mergeHint } : {})}>
        {(ids) => (
          <Textarea
            {...ids}
            ref={field}
            dir="auto"
            rows={4}
            required
            {...bind("text")}
            onKeyDown={(event) => {
              // Nothing that was typed goes by one key.
              if (event.key === "Escape" && same) cancel();
              sendsForm(event);
            }}
          />
        )}
      </Field>
      <div className="flex flex-wrap gap-2">
        <Button size="sm" type="submit" disabled={!fits || (!merging && same)}>
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
