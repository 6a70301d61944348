import { useQuery } from "@tanstack/react-query";

import { useFormat } from "@/lib/format";

import { useAmounts } from "../amounts";
import { type Statement, plansQuery } from "../queries";
import { useTexts } from "../texts";

/** The lines of a statement, and what they come to. */
export function Lines({ statement: { lines, plan, currency, month, total_micros } }: { statement: Statement }) {
  const words = useTexts();
  const format = useFormat();
  const amounts = useAmounts();
  const title = useQuery(plansQuery).data?.plans.find(({ id }) => id === plan)?.title ?? plan;
  const cell = "py-2 align-top";
  return (
    <>
      <table className="mt-4 w-full text-sm">
        <caption className="sr-only">{amounts.month(month)}</caption>
        <thead className="border-b text-subtle">
          <tr>
            <th scope="col" className="py-1.5 text-left font-medium">
              {words.item}
            </th>
            <th scope="col" className="py-1.5 pl-4 text-right font-medium">
              {words.amount}
            </th>
          </tr>
        </thead>
        <tbody className="[&_tr+tr]:border-t">
          {lines.map(({ what, quantity, included, amount_micros, price_micros, per }) => (
            <tr key={what}>
              <th scope="row" className={`${cell} text-left font-normal`}>
                {what === "plan" ? words.planLine(title) : ((words.names as Record<string, string>)[what] ?? what)}
                {what !== "plan" && (
                  <span className="block text-subtle">
                    {[
                      words.quantity(format.number(quantity)),
                      ...(included > 0 ? [words.included(format.number(included))] : []),
                      ...(typeof price_micros === "number"
                        ? [words.unit(amounts.price(price_micros, currency), format.number(per ?? 1))]
                        : []),
                    ].join(" · ")}
                  </span>
                )}
              </th>
              <td className={`${cell} pl-4 text-right tabular-nums`}>{amounts.price(amount_micros, currency)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot className="border-t-2 font-semibold">
          <tr>
            <th scope="row" className={`${cell} text-left`}>
              {words.total}
            </th>
            <td className={`${cell} pl-4 text-right tabular-nums`}>{amounts.money(total_micros, currency)}</td>
          </tr>
        </tfoot>
      </table>
    </>
  );
}
