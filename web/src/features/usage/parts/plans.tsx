import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Failed } from "@/components/states";
import { Card, CardTitle } from "@/components/ui/card";
import { Dialog } from "@/components/ui/dialog";

import { type Plan, type Report, plansQuery } from "../queries";
import { useTexts } from "../texts";
import { Choose } from "./choose";
import { PlanCard } from "./plan-card";

/** What else could be had; nothing where there is no other plan. */
export function Plans({ report }: { report: Report }) {
  const words = useTexts();
  const plans = useQuery(plansQuery);
  const [wanted, setWanted] = useState<Plan | null>(null);
  const [asked, setAsked] = useState<Plan | null>(null);
  if (!plans.data) return plans.error ? <Failed error={plans.error} retry={() => void plans.refetch()} /> : null;
  const { currency, self_service, plans: all } = plans.data;
  if (all.every(({ id }) => id === report.plan.id)) return null;
  const list = (
    <>
      <p className="mt-1 text-sm text-subtle">{self_service ? words.plansLead : words.plansByOperator}</p>
      {asked && (
        <p role="status" className="mt-3 rounded-xl bg-accent px-4 py-3 text-sm text-on-accent">
          {words.asked(asked.title)}
        </p>
      )}
      <ul className="mt-4 grid gap-3 sm:grid-cols-[repeat(auto-fit,minmax(13rem,1fr))]">
        {all.map((plan) => (
          <PlanCard
            key={plan.id}
            plan={plan}
            currency={currency}
            yours={plan.id === report.plan.id}
            asks={!self_service && (plan.price_per_month ?? 0) > 0}
            choose={() => setWanted(plan)}
          />
        ))}
      </ul>
    </>
  );
  return (
    <Card>
      {unlimited(report) ? (
        // Whoever lacks nothing is offered nothing, and finds it all the same.
        <details>
          <summary className="text-base font-semibold">{words.others}</summary>
          {list}
        </details>
      ) : (
        <>
          <CardTitle>{words.plans}</CardTitle>
          {list}
        </>
      )}
      <Dialog open={wanted !== null} onOpenChange={(open) => !open && setWanted(null)}>
        {wanted && (
          <Choose
            plan={wanted}
            report={report}
            asks={!self_service && (wanted.price_per_month ?? 0) > 0}
            done={(outcome) => {
              setAsked(outcome === "asked" ? wanted : null);
              setWanted(null);
            }}
          />
        )}
      </Dialog>
    </Card>
  );
}

const unlimited = ({ plan }: Report) => Object.values(plan.limits).every((limit) => limit === null);
