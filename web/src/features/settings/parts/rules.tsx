import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";

import { type Schemas, api, ok } from "@/api/client";
import { because } from "@/features/memories/parts/held";
import { Of, useProblem } from "@/components/states";
import { Card, CardTitle } from "@/components/ui/card";
import { Field, Select } from "@/components/ui/field";
import { Switch } from "@/components/ui/switch";
import { toast } from "@/components/ui/toast";
import { useT } from "@/i18n";
import type { Catalogue } from "@/i18n/en";
import { useFormat } from "@/lib/format";

type Choices = Schemas["Settings"];

const POLICIES = ["keep", "redact", "refuse"] as const;
const FOUND = ["secrets", "identifiers", "contacts"] as const;
const HELD_BACK = ["junk", "echoes"] as const;
const REVIEWS = ["off", "inferred", "all"] as const;

/** What is replaced, what is held back, and what fades. Each choice holds at once. */
export function Rules() {
  const client = useQueryClient();
  const problem = useProblem();
  const [busy, setBusy] = useState(false);
  const settings = useQuery({ queryKey: ["settings"], queryFn: () => ok(api.GET("/api/v1/settings")) });
  const change = async (next: Choices) => {
    setBusy(true);
    const before = settings.data;
    client.setQueryData(["settings"], next);
    try {
      client.setQueryData(["settings"], await ok(api.PUT("/api/v1/settings", { body: next })));
      // Whether anything fades is told there too.
      void client.invalidateQueries({ queryKey: ["learning"] });
    } catch (failure) {
      client.setQueryData(["settings"], before);
      toast(problem(failure), { danger: true });
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="grid gap-4">
      <Of query={settings}>{(chosen) => <Choose chosen={chosen} busy={busy} change={(next) => void change(next)} />}</Of>
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

/** A decision of the gate in words. */
function decided(t: Catalogue, reason: string): string {
  if (reason.startsWith("held_")) return t.held.toast(because(t, reason.slice("held_".length)));
  const { decision } = t.settings.rules;
  return decision[reason] ?? decision[reason.split("_")[0] ?? ""] ?? reason;
}

/** How often the gate decided what. */
function Counts() {
  const t = useT();
  const format = useFormat();
  const { rules } = t.settings;
  const counts = useQuery({
    queryKey: ["stats", "gate"],
    queryFn: () => ok(api.GET("/api/v1/stats/gate", { params: { query: { days: 30 } } })),
  });
  return (
    <Card>
      <CardTitle>{rules.counts}</CardTitle>
      <Of query={counts} height="h-16">
        {({ decisions }) => {
          // Kinds of secrets have many names: one row for all of them.
          const sums = new Map<string, number>();
          for (const [reason, count] of Object.entries(decisions)) {
            const said = decided(t, reason);
            sums.set(said, (sums.get(said) ?? 0) + count);
          }
          const entries = [...sums].sort((a, b) => b[1] - a[1]);
          if (entries.length === 0) return <p className="mt-2 text-sm text-subtle">{t.dashboard.noActivity}</p>;
          return (
            <dl className="mt-3 grid max-w-md gap-2 text-sm">
              {entries.map(([said, count]) => (
                <div key={said} className="flex justify-between gap-4">
                  <dt>{said}</dt>
                  <dd className="text-subtle tabular-nums">{format.number(count)}</dd>
                </div>
              ))}
            </dl>
          );
        }}
      </Of>
    </Card>
  );
}
