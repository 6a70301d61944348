import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Confirm } from "@/components/confirm";
import { Field, Select } from "@/components/ui/field";
import { toast } from "@/components/ui/toast";
import { useT } from "@/i18n";

import { useUndoWrites } from "../mutations";
import { type Writes, undoQuery } from "../queries";
import { Outcome } from "./outcome";

const HOUR = 3_600_000;
const PERIODS = { hour: HOUR, day: 24 * HOUR, week: 7 * 24 * HOUR, ever: null } as const;
type Period = keyof typeof PERIODS;

/** Whose writes. */
export type Author = Pick<Writes, "app_id" | "credential_id">;

/** Takes back everything that one app or client wrote in a period; tells what that would be before it does so. */
export function TakeBack({
  name,
  author,
  open,
  onOpenChange,
}: {
  name: string;
  author: Author;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const t = useT();
  const [period, setPeriod] = useState<Period>("day");
  // Fixed when the period is chosen, so that what is done is what was shown.
  const [window, setWindow] = useState(() => from("day"));
  const writes = { ...author, ...window };
  const preview = useQuery({ ...undoQuery(writes), enabled: open });
  const undo = useUndoWrites();
  const { deleted = 0, restored = 0 } = preview.data ?? {};
  return (
    <Confirm
      open={open}
      onOpenChange={onOpenChange}
      title={t.takeBack.title(name)}
      action={t.takeBack.action}
      disabled={deleted + restored === 0}
      run={async () => {
        const done = await undo.mutateAsync(writes);
        toast(t.takeBack.done(done.deleted, done.restored));
      }}
    >
      <div className="grid gap-4">
        <p className="text-subtle">{t.takeBack.text}</p>
        <Field label={t.takeBack.period}>
          {(ids) => (
            <Select
              {...ids}
              value={period}
              onChange={(event) => {
                const next = event.target.value as Period;
                setPeriod(next);
                setWindow(from(next));
              }}
            >
              {Object.keys(PERIODS).map((each) => (
                <option key={each} value={each}>
                  {t.takeBack.periods[each as Period]}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Outcome query={preview} />
      </div>
    </Confirm>
  );
}

function from(period: Period): { from?: string; to: string } {
  const [now, length] = [Date.now(), PERIODS[period]];
  return { to: new Date(now).toISOString(), ...(length === null ? {} : { from: new Date(now - length).toISOString() }) };
}
