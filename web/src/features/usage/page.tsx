import { useQuery } from "@tanstack/react-query";

import { PageTitle } from "@/components/frame";
import { Of } from "@/components/states";

import { Amounts } from "./parts/amounts";
import { Cost } from "./parts/cost";
import { Invoices } from "./parts/invoices";
import { Notices } from "./parts/notices";
import { CurrentPlan } from "./parts/plan";
import { Plans } from "./parts/plans";
import { Where } from "./parts/where";
import { usageQuery } from "./queries";
import { useTexts } from "./texts";

/** What the account uses, what it may use, and what that costs. */
export function Usage() {
  const words = useTexts();
  const usage = useQuery(usageQuery);
  return (
    <>
      <PageTitle title={words.title} lead={words.lead} />
      <Of query={usage} height="h-96">
        {(report) => (
          <div className="grid gap-4">
            <Notices report={report} />
            <CurrentPlan report={report} />
            <Amounts report={report} />
            <Where report={report} />
            <Cost report={report} />
            <Plans report={report} />
            <Invoices />
          </div>
        )}
      </Of>
    </>
  );
}
