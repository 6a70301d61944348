import { useQuery } from "@tanstack/react-query";
import { is } from "valibot";

import type { Schemas } from "@/api/client";
import { Of, Wrong } from "@/components/states";
import { Button } from "@/components/ui/button";
import { DialogActions, DialogClose, DialogContent, useGuard } from "@/components/ui/dialog";
import { Field, Input, Select } from "@/components/ui/field";
import { toast } from "@/components/ui/toast";
import { plansQuery } from "@/features/usage/queries";
import { useTexts as useUsageTexts } from "@/features/usage/texts";
import { useT } from "@/i18n";
import { useForm } from "@/lib/form";

import { LIMITS, STATES, fieldsOf, granted, schema, typed } from "../granted";
import { useGrant } from "../mutations";
import { moneyQuery } from "../queries";
import { useTexts } from "../texts";
import { AccountInvoices } from "./invoices";

/** What an account may use: its plan, and limits of its own; and its invoices. */
export function AccountPlan({ account: { tenant_id, email, user_id }, close }: { account: Schemas["Account"]; close: () => void }) {
  const words = useTexts();
  const who = email ?? user_id;
  const money = useQuery(moneyQuery(tenant_id));
  const plans = useQuery(plansQuery);
  return (
    <DialogContent title={words.planTitle(who)} description={words.planText}>
      <Of query={money} height="h-72">
        {({ subscription, invoices }) => (
          <Of query={plans} height="h-72">
            {(list) => (
              <>
                <Grant tenant={tenant_id} who={who} subscription={subscription} list={list} close={close} />
                <AccountInvoices tenant={tenant_id} invoices={invoices} />
              </>
            )}
          </Of>
        )}
      </Of>
    </DialogContent>
  );
}

function Grant({
  tenant,
  who,
  subscription,
  list: { plans, currency },
  close,
}: {
  tenant: string;
  who: string;
  subscription: Schemas["Subscription"];
  list: Schemas["PlanList"];
  close: () => void;
}) {
  const t = useT();
  const words = useTexts();
  const { states } = useUsageTexts();
  const { values, set, changed, fits, bind, onSubmit } = useForm(schema, fieldsOf(subscription));
  const grant = useGrant(tenant);
  useGuard(changed, "unsaved");
  const limits = plans.find(({ id }) => id === values.plan)?.limits;
  const done = () => {
    toast(words.granted(who));
    close();
  };
  return (
    <form className="grid gap-4" onSubmit={onSubmit((fields) => grant.mutate(granted(fields, subscription), { onSuccess: done }))}>
      {subscription.provider !== "manual" && (
        <p className="rounded-xl bg-warning-soft px-4 py-3 text-sm text-warning">{words.planElsewhere(subscription.provider)}</p>
      )}
      <Field label={words.plan}>
        {(ids) => (
          <Select {...ids} value={values.plan} onChange={(event) => set({ plan: event.target.value, state: "active", ends: "" })}>
            {plans.some(({ id }) => id === subscription.plan) || <option value={subscription.plan}>{subscription.plan}</option>}
            {plans.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <Field label={words.state}>
          {(ids) => (
            <Select {...ids} {...bind("state")}>
              {STATES.map((each) => (
                <option key={each} value={each}>
                  {states[each]}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label={words.ends} hint={words.endsHint}>
          {(ids) => <Input {...ids} {...bind("ends")} type="date" />}
        </Field>
      </div>
      <fieldset>
        <legend className="text-sm font-medium">{words.own}</legend>
        <p className="mb-3 text-sm text-subtle">{words.ownHint}</p>
        <div className="grid grid-cols-2 items-start gap-x-4 gap-y-3">
          {LIMITS.map((name) => (
            <Field
              key={name}
              error={is(schema.entries[name], values[name]) ? undefined : words.noNumber}
              label={name === "spend_per_month" ? `${words.limits[name]} (${currency.toUpperCase()})` : words.limits[name]}
            >
              {(ids) => <Input {...ids} {...bind(name)} placeholder={typed(name, limits?.[name] ?? undefined) || words.noLimit} />}
            </Field>
          ))}
        </div>
      </fieldset>
      <Wrong error={grant.error} />
      <DialogActions>
        <DialogClose asChild>
          <Button variant="outline">{t.common.cancel}</Button>
        </DialogClose>
        <Button type="submit" disabled={grant.isPending || !fits}>
          {t.common.save}
        </Button>
      </DialogActions>
    </form>
  );
}
