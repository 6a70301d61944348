import { Card, CardTitle } from "@/components/ui/card";
import { useFormat } from "@/lib/format";

import { useAmounts } from "../amounts";
import type { Report } from "../queries";
import { METERS } from "../spent";
import { useTexts } from "../texts";
import { Amount } from "./amount";

/** What is stored, and what was used in the month, against what the plan has. */
export function Amounts({ report: { stored, meters, month, resets_at } }: { report: Report }) {
  const words = useTexts();
  const format = useFormat();
  const amounts = useAmounts();
  return (
    <div className="grid gap-4 lg:grid-cols-[1fr_2fr]">
      <Card>
        <CardTitle>{words.stored}</CardTitle>
        <dl className="mt-4 grid gap-6 sm:grid-cols-2 lg:grid-cols-1">
          <Amount name={words.names.memories} used={stored.memories} limit={stored.memories_limit} written={format.number} />
          <Amount name={words.names.bytes} used={stored.bytes} limit={stored.bytes_limit} written={amounts.bytes} />
        </dl>
      </Card>
      <Card>
        <div className="flex flex-wrap items-baseline justify-between gap-x-4">
          <CardTitle>{words.month(amounts.month(month))}</CardTitle>
          <p className="text-sm text-subtle">{words.resets(amounts.on(resets_at))}</p>
        </div>
        <dl className="mt-4 grid gap-x-8 gap-y-6 sm:grid-cols-2">
          {METERS.map((each) => {
            const meter = meters.find(({ meter }) => meter === each);
            return (
              meter && (
                <Amount
                  key={each}
                  name={words.names[each]}
                  hint={words.hints[each]}
                  used={meter.used}
                  limit={meter.limit}
                  forecast={meter.forecast}
                  written={format.number}
                />
              )
            );
          })}
        </dl>
      </Card>
    </div>
  );
}
