import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState } from "react";

import { Of } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Card, CardTitle } from "@/components/ui/card";
import { Select } from "@/components/ui/field";

import { useAmounts } from "../amounts";
import { useDownload } from "../mutations";
import { type Report, statementQuery } from "../queries";
import { monthsTo } from "../spent";
import { useTexts } from "../texts";
import { Lines } from "./lines";

/** So many months can be looked at. */
const MONTHS = 12;

/** What a month costs, line by line. */
export function Cost({ report }: { report: Report }) {
  const words = useTexts();
  const amounts = useAmounts();
  const [chosen, setChosen] = useState<string | null>(null);
  const month = chosen ?? report.month;
  const statement = useQuery(statementQuery(month));
  const download = useDownload(month);
  return (
    <Card>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <CardTitle>{words.cost}</CardTitle>
        <Select className="w-auto" aria-label={words.costOf} value={month} onChange={(event) => setChosen(event.target.value)}>
          {monthsTo(report.month, MONTHS).map((each) => (
            <option key={each} value={each}>
              {amounts.month(each)}
            </option>
          ))}
        </Select>
      </div>
      <Of query={statement} height="h-24">
        {(found) => (
          <>
            <p className="mt-2 flex flex-wrap items-baseline gap-x-1.5">
              <span className="text-2xl font-semibold tabular-nums">{amounts.money(found.total_micros, found.currency)}</span>
              <span className="text-sm text-subtle">
                {(found.month === report.month ? words.soFar : String)(amounts.month(found.month))}
              </span>
            </p>
            {found.month === report.month && <Beyond report={report} />}
            <Lines statement={found} />
            <div className="mt-3 flex flex-wrap items-center justify-between gap-x-4 gap-y-3">
              <p className="text-sm text-subtle">{words.costHint}</p>
              <Button variant="outline" disabled={download.isPending} onClick={() => download.mutate()}>
                <Download />
                {words.download}
              </Button>
            </div>
          </>
        )}
      </Of>
    </Card>
  );
}

/** What is used beyond the plan, and how much that may come to. */
function Beyond({ report: { cost, plan } }: { report: Report }) {
  const words = useTexts();
  const { money, price } = useAmounts();
  const most = plan.limits.spend_per_month;
  const limit = most === null ? null : money(most, cost.currency);
  const said =
    cost.beyond_plan_micros > 0
      ? words.beyond(price(cost.beyond_plan_micros, cost.currency), limit)
      : limit !== null && words.atMost(limit);
  return said && <p className="text-sm text-subtle">{said}</p>;
}
