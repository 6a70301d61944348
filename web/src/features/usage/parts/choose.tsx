import { Wrong } from "@/components/states";
import { Button } from "@/components/ui/button";
import { DialogActions, DialogClose, DialogContent } from "@/components/ui/dialog";
import { useT } from "@/i18n";

import { useChoose } from "../mutations";
import type { Plan, Report } from "../queries";
import { useTexts } from "../texts";

/** Asks before another plan is chosen, and says what that means. */
export function Choose({
  plan,
  report: { stored },
  asks,
  done,
}: {
  plan: Plan;
  report: Report;
  asks: boolean;
  done: (outcome: string) => void;
}) {
  const t = useT();
  const words = useTexts();
  const choose = useChoose(plan);
  const way = asks ? "asked" : (plan.price_per_month ?? 0) > 0 ? "paid" : "free";
  const small = (["memories", "bytes"] as const).filter((what) => {
    const limit = plan.limits?.[what];
    return typeof limit === "number" && stored[what] > limit;
  });
  return (
    <DialogContent title={words.chooseTitle(plan.title)} description={words.chooseText[way]}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          choose.mutate(undefined, { onSuccess: ({ outcome }) => done(outcome) });
        }}
      >
        {small.length > 0 && (
          <p className="rounded-xl bg-warning-soft px-4 py-3 text-sm text-warning">
            {words.tooSmall(small.map((what) => words.things[what]))}
          </p>
        )}
        <Wrong error={choose.error} className="mt-3" />
        <DialogActions>
          <DialogClose asChild>
            <Button variant="outline">{t.common.cancel}</Button>
          </DialogClose>
          <Button type="submit" disabled={choose.isPending}>
            {(asks ? words.ask : words.choose)(plan.title)}
          </Button>
        </DialogActions>
      </form>
    </DialogContent>
  );
}
