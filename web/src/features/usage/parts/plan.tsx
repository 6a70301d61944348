import { useQuery } from "@tanstack/react-query";
import { CreditCard } from "lucide-react";
import { useState } from "react";

import { Confirm } from "@/components/confirm";
import { Button } from "@/components/ui/button";
import { Badge, Card, CardTitle } from "@/components/ui/card";
import { toast } from "@/components/ui/toast";

import { useAmounts } from "../amounts";
import { useEnd, usePortal, useResume } from "../mutations";
import { type Report, type Subscription, plansQuery, subscriptionQuery } from "../queries";
import { useTexts } from "../texts";

const TONES = { trial: "accent", active: "accent", past_due: "danger", cancelled: "warning", paused: "warning" } as const;

/** The plan that holds, how it stands, and what can be done about it. */
export function CurrentPlan({ report: { plan } }: { report: Report }) {
  const words = useTexts();
  const amounts = useAmounts();
  const plans = useQuery(plansQuery).data;
  const subscription = useQuery(subscriptionQuery).data;
  const price = plans?.plans.find(({ id }) => id === plan.id)?.price_per_month ?? 0;
  // A subscription that has ended stands for another plan than the one that holds.
  const ended = subscription !== undefined && subscription.plan !== plan.id;
  const before = plans?.plans.find(({ id }) => id === subscription?.plan)?.title ?? subscription?.plan ?? "";
  const state = ended ? "active" : plan.state;
  const ends = plan.ends_at ? amounts.on(plan.ends_at) : null;
  const renews = subscription?.renews_at ? amounts.on(subscription.renews_at) : null;
  return (
    <Card className="flex flex-wrap items-start justify-between gap-x-6 gap-y-4">
      <div className="min-w-0 flex-1 basis-72">
        <CardTitle className="text-sm font-normal text-subtle">{words.plan}</CardTitle>
        <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="text-2xl font-semibold">{plan.title}</span>
          <Badge tone={TONES[state]}>{words.states[state]}</Badge>
        </p>
        <p className="mt-1 text-sm text-subtle">
          {plans && (price > 0 ? words.price(amounts.money(price, plans.currency)) : words.free)} ·{" "}
          {words.stateText[state](state === "active" ? renews : ends)}
        </p>
        {ended && ends && <p className="mt-1 text-sm text-warning">{words.ended(before, ends)}</p>}
      </div>
      {subscription && <Deeds subscription={subscription} title={plan.title} paid={price > 0 && !ended} />}
    </Card>
  );
}

/** Ends what is paid, takes that back, and changes how it is paid. */
function Deeds({ subscription: { provider, state }, title, paid }: { subscription: Subscription; title: string; paid: boolean }) {
  const words = useTexts();
  const { on } = useAmounts();
  const [ending, setEnding] = useState(false);
  const [end, resume, portal] = [useEnd(), useResume(title), usePortal()];
  return (
    <div className="flex flex-wrap gap-2">
      {provider !== "manual" && (
        <Button variant="outline" disabled={portal.isPending} onClick={() => portal.mutate()}>
          <CreditCard />
          {words.payment}
        </Button>
      )}
      {paid && state === "cancelled" && (
        <Button disabled={resume.isPending} onClick={() => resume.mutate()}>
          {words.resume}
        </Button>
      )}
      {paid && state !== "cancelled" && (
        <Button variant="danger-outline" onClick={() => setEnding(true)}>
          {words.end.open}
        </Button>
      )}
      <Confirm
        open={ending}
        onOpenChange={setEnding}
        title={words.end.title(title)}
        action={words.end.open}
        run={async () => {
          const { ends_at } = await end.mutateAsync();
          toast(words.end.done(title, ends_at ? on(ends_at) : null));
        }}
      >
        {words.end.text}
      </Confirm>
    </div>
  );
}
