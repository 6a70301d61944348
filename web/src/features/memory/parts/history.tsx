import { useQuery } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";

import { Of } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Badge, Card, CardTitle } from "@/components/ui/card";
import { useT } from "@/i18n";
import { appName } from "@/lib/apps";
import { useFormat } from "@/lib/format";

import { useUndoStep } from "../mutations";
import { type Memory, historyQuery } from "../queries";

/** What it said before, newest first; each step can be taken back. */
export function History({ memory }: { memory: Memory }) {
  const t = useT();
  const format = useFormat();
  const history = useQuery(historyQuery(memory.id));
  const undo = useUndoStep(memory);
  return (
    <Card>
      <CardTitle>{t.memory.history}</CardTitle>
      <div className="mt-3">
        <Of query={history} height="h-24">
          {(steps) => (
            <ol className="grid gap-4 border-l-2 pl-4">
              {steps.toReversed().map((step, index) => (
                <li key={step.version} className="relative">
                  <span
                    aria-hidden
                    className={`absolute top-1.5 -left-[1.37rem] size-2.5 rounded-full ${index === 0 ? "bg-primary" : "bg-control"}`}
                  />
                  <div className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
                    <span className="font-medium">{t.memory.events[step.event] ?? step.event}</span>
                    {step.event === "state_changed" && <Badge tone="warning">{t.memories.states[step.state] ?? step.state}</Badge>}
                    <span className="text-subtle">
                      {t.memories.by(appName(t, step.app_name))} · {format.ago(step.changed_at)}
                    </span>
                    {index === 0 ? (
                      <Badge tone="accent">{t.memory.current}</Badge>
                    ) : (
                      <Button
                        size="sm"
                        variant="outline"
                        className="ml-auto"
                        disabled={undo.isPending}
                        onClick={() => undo.mutate(step.version)}
                      >
                        <Undo2 />
                        {t.memory.undo}
                      </Button>
                    )}
                  </div>
                  {step.memory !== steps[steps.indexOf(step) - 1]?.memory && (
                    <p className="memory-text mt-1 text-sm text-subtle">{step.memory}</p>
                  )}
                </li>
              ))}
            </ol>
          )}
        </Of>
      </div>
    </Card>
  );
}
