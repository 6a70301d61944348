import { useQuery } from "@tanstack/react-query";
import { GraduationCap } from "lucide-react";
import { type ReactNode, useId } from "react";

import type { Schemas } from "@/api/client";
import { Of } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Badge, Card, CardTitle } from "@/components/ui/card";
import { useT } from "@/i18n";
import { useFormat } from "@/lib/format";

import { useLearn } from "../mutations";
import { policyQuery } from "../queries";

/** Fewer rated searches switch nothing on: LEAST_QUERIES in src/memory/learning/policy.rs. */
const LEAST = 20;

/** Whether what was said orders searches. */
export function Ranking() {
  const t = useT();
  const hint = useId();
  const policy = useQuery(policyQuery);
  const learn = useLearn();
  const texts = t.learning.ranking;
  return (
    <Card>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <CardTitle>{texts.title}</CardTitle>
        {policy.data && <Badge tone={policy.data.switched_on ? "accent" : "plain"}>{policy.data.switched_on ? texts.on : texts.off}</Badge>}
      </div>
      <p className="mt-1 text-sm text-subtle">{texts.text}</p>
      <Of query={policy} height="h-40">
        {(found) => <Outcome found={found} />}
      </Of>
      <Button className="mt-4" variant="outline" disabled={learn.isPending} aria-describedby={hint} onClick={() => learn.mutate()}>
        <GraduationCap />
        {learn.isPending ? texts.learning : texts.learn}
      </Button>
      <p id={hint} className="mt-2 text-sm text-subtle">
        {texts.hint}
      </p>
    </Card>
  );
}

/** What the last trial found, in plain words, with its figures. */
function Outcome({ found }: { found: Schemas["PolicyOut"] }) {
  const t = useT();
  const format = useFormat();
  const texts = t.learning.ranking;
  const { n, fixed, learned, best, switched_on, evaluated_at } = found;
  const verdict = !evaluated_at
    ? texts.never
    : switched_on
      ? texts.gain
      : n === 0
        ? texts.none
        : n < LEAST
          ? texts.few(n, LEAST)
          : texts.noGain;
  const percent = (part: number | null | undefined) => format.percent(part ?? 0);
  const facts: [string, ReactNode][] = [
    [texts.rated, format.number(n)],
    [texts.before, percent(fixed)],
    [texts.after, percent(learned)],
    [texts.best, texts.weights(percent(best), percent(1 - (best ?? 0)))],
    [texts.tried, evaluated_at && format.full(evaluated_at)],
  ];
  return (
    <>
      <p role="status" className="mt-4 text-sm">
        {verdict}
      </p>
      {evaluated_at && n > 0 && (
        <>
          <dl className="mt-3 grid gap-1.5 text-sm">
            {facts.map(([name, value]) => (
              <div key={name} className="flex flex-wrap justify-between gap-x-4">
                <dt className="text-subtle">{name}</dt>
                <dd className="tabular-nums">{value}</dd>
              </div>
            ))}
          </dl>
          <p className="mt-2 text-xs text-subtle">{texts.quality}</p>
        </>
      )}
    </>
  );
}
