import type { Schemas } from "@/api/client";
import { Select } from "@/components/ui/field";
import { useAmounts } from "@/features/usage/amounts";
import { useTexts as useUsageTexts } from "@/features/usage/texts";

import { useSettle } from "../mutations";
import { useTexts } from "../texts";

const STATES = ["open", "paid", "refunded"] as const satisfies readonly Schemas["InvoiceState"][];

/** The invoices of an account, and what became of each. */
export function AccountInvoices({ tenant, invoices }: { tenant: string; invoices: Schemas["Invoice"][] }) {
  const words = useTexts();
  const { invoiceStates } = useUsageTexts();
  const amounts = useAmounts();
  const settle = useSettle(tenant);
  return (
    <section className="mt-6 border-t pt-4 text-sm">
      <h3 className="font-medium">{words.invoices}</h3>
      {invoices.length === 0 && <p className="mt-1 text-subtle">{words.invoicesEmpty}</p>}
      <ul className="mt-2 grid gap-2">
        {invoices.map(({ id, month, amount_micros, currency, state }) => (
          <li key={id} className="flex items-center gap-3">
            <span className="min-w-0 flex-1">{amounts.month(month)}</span>
            <span className="tabular-nums">{amounts.money(amount_micros, currency)}</span>
            <Select
              className="w-auto"
              aria-label={words.invoiceState(amounts.month(month))}
              disabled={settle.isPending}
              value={state}
              onChange={(event) => settle.mutate({ id, state: event.target.value })}
            >
              {STATES.map((each) => (
                <option key={each} value={each}>
                  {invoiceStates[each]}
                </option>
              ))}
            </Select>
          </li>
        ))}
      </ul>
    </section>
  );
}
