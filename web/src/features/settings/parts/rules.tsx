import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";

import { Of } from "@/components/states";
import { Card, CardTitle } from "@/components/ui/card";
import { Field, Select } from "@/components/ui/field";
import { Switch } from "@/components/ui/switch";
import { useT } from "@/i18n";

import { useChoose } from "../mutations";
import { type Choices, settingsQuery } from "../queries";
import { POLICIES, REVIEWS } from "../schema";
import { Counts } from "./counts";

const FOUND = ["secrets", "identifiers", "contacts"] as const;
const HELD_BACK = ["junk", "echoes"] as const;

/** What is replaced, what is held back, and what fades. Each choice holds at once. */
export function Rules() {
  const settings = useQuery(settingsQuery);
  const choose = useChoose();
  // Shown at once, and no more where it fails.
  const [wanted, setWanted] = useState<Choices | null>(null);
  const change = (next: Choices) => {
    setWanted(next);
    choose.mutate(next, { onSettled: () => setWanted(null) });
  };
  return (
    <div className="grid gap-4">
      <Of query={settings}>{(chosen) => <Choose chosen={wanted ?? chosen} busy={wanted !== null} change={change} />}</Of>
      <Counts />
    </div>
  );
}

function Choose({ chosen, busy, change }: { chosen: Choices; busy: boolean; change: (next: Choices) => void }) {
  const t = useT();
  const { rules } = t.settings;
  return (
    <>
      <Card>
        <CardTitle>{rules.found}</CardTitle>
        <p className="mt-1 text-sm text-subtle">{rules.foundText}</p>
        <div className="mt-4 grid gap-4 sm:grid-cols-3">
          {FOUND.map((what) => (
            <Field key={what} label={rules.what[what]} hint={rules.whatText[what]}>
              {(ids) => (
                <Select
                  {...ids}
                  disabled={busy}
                  value={chosen.gate[what]}
                  onChange={(event) => change({ ...chosen, gate: { ...chosen.gate, [what]: event.target.value } })}
                >
                  {POLICIES.map((policy) => (
                    <option key={policy} value={policy}>
                      {rules.policy[policy]}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
          ))}
        </div>
      </Card>
      <Card>
        <CardTitle>{rules.known}</CardTitle>
        <ul className="mt-3 grid gap-4">
          <Choice
            name={rules.what.duplicates}
            text={rules.whatText.duplicates}
            busy={busy}
            on={chosen.gate.duplicates}
            change={(duplicates) => change({ ...chosen, gate: { ...chosen.gate, duplicates } })}
          />
        </ul>
      </Card>
      <Card>
        <CardTitle>{rules.keptOut}</CardTitle>
        <p className="mt-1 text-sm text-subtle">{rules.keptOutText}</p>
        <ul className="mt-3 grid gap-4">
          {HELD_BACK.map((what) => (
            <Choice
              key={what}
              name={rules.what[what]}
              text={rules.whatText[what]}
              busy={busy}
              on={chosen.gate[what]}
              change={(on) => change({ ...chosen, gate: { ...chosen.gate, [what]: on } })}
            />
          ))}
        </ul>
      </Card>
      <Reviews chosen={chosen.review ?? "off"} busy={busy} change={(review) => change({ ...chosen, review })} />
      <Card>
        <CardTitle>{rules.retention}</CardTitle>
        <ul className="mt-3 grid gap-4">
          <Choice
            name={rules.what.decay}
            text={rules.whatText.decay}
            busy={busy}
            on={chosen.decay}
            change={(decay) => change({ ...chosen, decay })}
          />
        </ul>
      </Card>
    </>
  );
}

/** What waits for a person's approval. */
function Reviews({ chosen, busy, change }: { chosen: string; busy: boolean; change: (review: string) => void }) {
  const { rules } = useT().settings;
  const name = useId();
  return (
    <Card>
      <fieldset disabled={busy}>
        <legend className="text-base font-semibold">{rules.review}</legend>
        <p className="mt-1 text-sm text-subtle">{rules.reviewText}</p>
        <div className="mt-3 grid gap-3">
          {REVIEWS.map((each) => {
            const [title, text] = rules.reviews[each] ?? [each, ""];
            return (
              <div key={each} className="flex items-start gap-3">
                <input
                  id={`${name}-${each}`}
                  type="radio"
                  name={name}
                  className="mt-0.5 size-5 shrink-0 accent-primary"
                  aria-describedby={`${name}-${each}-hint`}
                  checked={chosen === each}
                  onChange={() => change(each)}
                />
                <div>
                  <label htmlFor={`${name}-${each}`} className="text-sm font-medium">
                    {title}
                  </label>
                  <p id={`${name}-${each}-hint`} className="text-sm text-subtle">
                    {text}
                  </p>
                </div>
              </div>
            );
          })}
        </div>
      </fieldset>
    </Card>
  );
}

function Choice({
  name,
  text,
  on,
  busy,
  change,
}: {
  name: string;
  text: string;
  on: boolean;
  busy: boolean;
  change: (on: boolean) => void;
}) {
  const id = useId();
  return (
    <li className="flex items-start justify-between gap-6">
      <div>
        <label htmlFor={id} className="text-sm font-medium">
          {name}
        </label>
        <p id={`${id}-hint`} className="text-sm text-subtle">
          {text}
        </p>
      </div>
      <Switch id={id} aria-describedby={`${id}-hint`} disabled={busy} checked={on} onCheckedChange={change} />
    </li>
  );
}
