import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { Failed } from "@/components/states";
import { Badge, Card, CardTitle } from "@/components/ui/card";

import { useAmounts } from "../amounts";
import { invoicesQuery } from "../queries";
import { useTexts } from "../texts";

/** What was and is to be paid; nothing where there is no such thing. */
export function Invoices() {
  const words = useTexts();
  const { money, month, on } = useAmounts();
  const invoices = useQuery(invoicesQuery);
  if (!invoices.data) return invoices.error ? <Failed error={invoices.error} retry={() => void invoices.refetch()} /> : null;
  const { invoices: own, bills } = invoices.data;
  if (own.length + bills.length === 0) return null;
  return (
    <Card>
      <CardTitle>{words.invoices}</CardTitle>
      <ul className="mt-3 grid text-sm [&>li+li]:border-t">
        {own.map(({ id, month: of, amount_micros, currency, state, paid_at }) => (
          <Entry key={id} name={month(of)} amount={money(amount_micros, currency)} state={state}>
            {paid_at && words.paidOn(on(paid_at))}
          </Entry>
        ))}
        {bills.map(({ id, created_at, amount_micros, currency, state, url }) => (
          <Entry key={id} name={on(created_at)} amount={money(amount_micros, currency)} state={state}>
            {url && (
              <a
                href={url}
                target="_blank"
                rel="noreferrer"
                className="text-primary underline"
                aria-label={`${words.open}: ${on(created_at)}`}
              >
                {words.open}
              </a>
            )}
          </Entry>
        ))}
      </ul>
    </Card>
  );
}

function Entry({ name, amount, state, children }: { name: string; amount: string; state: string; children: ReactNode }) {
  const { invoiceStates } = useTexts();
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2.5">
      <span className="min-w-0 flex-1 basis-32">{name}</span>
      <span className="text-subtle">{children}</span>
      <Badge tone={state === "open" ? "warning" : state === "paid" ? "accent" : "plain"}>{invoiceStates[state] ?? state}</Badge>
      <span className="min-w-20 text-right tabular-nums">{amount}</span>
    </li>
  );
}
