import { Check } from "lucide-react";

import { Button } from "@/components/ui/button";
import { Badge } from "@/components/ui/card";
import { useFormat } from "@/lib/format";

import { useAmounts } from "../amounts";
import type { Meter, Plan } from "../queries";
import { useTexts } from "../texts";

/** One plan: what it costs, and what there is in it. */
export function PlanCard({
  plan,
  currency,
  yours,
  asks,
  choose,
}: {
  plan: Plan;
  currency: string;
  yours: boolean;
  /** It is asked for, not taken. */
  asks: boolean;
  choose: () => void;
}) {
  const words = useTexts();
  const { money } = useAmounts();
  const { title, price_per_month = 0, trial_days = 0 } = plan;
  const contents = useContents(plan, currency);
  return (
    <li className={`flex flex-col rounded-xl border p-4 ${yours ? "border-primary" : ""}`}>
      <h3 className="flex flex-wrap items-center justify-between gap-2 font-semibold">
        {title}
        {yours && <Badge tone="accent">{words.yours}</Badge>}
      </h3>
      <p className="mt-1 text-sm">{price_per_month > 0 ? words.price(money(price_per_month, currency)) : words.free}</p>
      {trial_days > 0 && <p className="text-sm text-subtle">{words.trialDays(trial_days)}</p>}
      <ul className="mt-3 mb-4 grid gap-1.5 text-sm">
        {contents.map((each) => (
          <li key={each} className="flex gap-2">
            <Check className="mt-0.5 size-4 shrink-0 text-primary" aria-hidden />
            {each}
          </li>
        ))}
      </ul>
      {!yours && (
        <Button variant="outline" className="mt-auto" onClick={choose}>
          {(asks ? words.ask : words.choose)(title)}
        </Button>
      )}
    </li>
  );
}

const LIMITS = [
  "memories",
  "bytes",
  "adds_per_month",
  "searches_per_month",
  "llm_tokens_per_month",
  "requests_per_minute",
  "projects",
] as const;

/** What a plan has, as sentences. */
function useContents({ limits, included = {}, features = [] }: Plan, currency: string): string[] {
  const words = useTexts();
  const format = useFormat();
  const amounts = useAmounts();
  const said: string[] = [];
  for (const name of LIMITS) {
    const limit = limits?.[name];
    if (typeof limit === "number") said.push(words.limits[name]((name === "bytes" ? amounts.bytes : format.number)(limit)));
  }
  if (said.length === 0) said.push(words.noLimits);
  for (const [meter, quantity] of Object.entries(included))
    said.push(words.includedIn(format.number(quantity), words.names[meter as Meter]));
  if (limits?.spend_per_month) said.push(words.spendAtMost(amounts.money(limits.spend_per_month, currency)));
  return [...said, ...features.map((feature) => words.features[feature])];
}
