import { useQuery } from "@tanstack/react-query";

import { Of } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Badge, Card, CardTitle } from "@/components/ui/card";
import { useFormat } from "@/lib/format";

import { useRevive } from "../mutations";
import { jobsQuery } from "../queries";
import { useTexts } from "../texts";

/** Work that waits, and work that failed. */
export function Jobs() {
  const words = useTexts();
  const format = useFormat();
  const jobs = useQuery(jobsQuery);
  const revive = useRevive();
  return (
    <Of query={jobs}>
      {({ by_state, oldest_due, dead }) => (
        <div className="grid gap-4">
          <dl className="grid grid-cols-3 gap-3">
            {(["queued", "running", "dead"] as const).map((state) => (
              <div key={state} className="rounded-2xl border bg-surface p-4">
                <dt className="text-sm text-subtle">{words.jobStates[state]}</dt>
                <dd className="mt-1 text-2xl font-semibold tabular-nums">{format.number(by_state[state] ?? 0)}</dd>
              </div>
            ))}
          </dl>
          {oldest_due && (
            <p className="text-sm text-subtle">
              {words.oldest} {format.ago(oldest_due)}
            </p>
          )}
          <Card>
            <div className="flex items-center justify-between gap-3">
              <CardTitle>{words.deadTitle}</CardTitle>
              {dead.length > 0 && (
                <Button size="sm" variant="outline" onClick={() => revive.mutate()}>
                  {words.revive}
                </Button>
              )}
            </div>
            {dead.length === 0 ? (
              <p className="mt-2 text-sm text-subtle">{words.deadEmpty}</p>
            ) : (
              <ul className="mt-3 grid gap-3 text-sm">
                {dead.map((job) => (
                  <li key={job.id} className="rounded-xl bg-muted p-3">
                    <p className="flex flex-wrap gap-2">
                      <Badge>{job.kind}</Badge>
                      <span className="text-subtle">
                        {words.attempts}: {job.attempts}
                      </span>
                    </p>
                    <p className="mt-1 break-words">{job.error ?? "–"}</p>
                    <p className="mt-1 font-mono text-xs break-all text-subtle">
                      {words.tenant} {job.tenant_id}
                    </p>
                  </li>
                ))}
              </ul>
            )}
          </Card>
        </div>
      )}
    </Of>
  );
}
