import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Turn } from "@/components/paged";
import { Of } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Card, CardTitle } from "@/components/ui/card";
import { useT } from "@/i18n";
import { OWN_APP } from "@/lib/activity";
import { appName } from "@/lib/apps";
import { useFormat } from "@/lib/format";

import { READINGS, logQuery } from "../queries";

/** Readings by clients that are shown before all of them are asked for. */
const SHOWN = 10;

/** Who read it, and when. */
export function AccessLog({ id }: { id: string }) {
  const t = useT();
  const format = useFormat();
  const [page, setPage] = useState(1);
  const [all, setAll] = useState(false);
  const log = useQuery(logQuery(id, page));
  return (
    <Card>
      <CardTitle>{t.memory.log}</CardTitle>
      <div className="mt-3">
        <Of query={log} height="h-24">
          {({ logs, total }) => {
            const clients = logs.filter((entry) => entry.app_name !== OWN_APP);
            // The reader has looked, to read this: that is told once, not in the way of the others.
            const own = logs.filter((entry) => entry.app_name === OWN_APP);
            return (
              <>
                {clients.length === 0 && <p className="mb-2 text-sm text-subtle">{t.memory.logEmpty}</p>}
                <ul className="grid gap-2 text-sm">
                  {(all ? clients : clients.slice(0, SHOWN)).map((entry) => (
                    <li key={entry.id} className="flex flex-wrap items-baseline gap-x-2">
                      <span className="font-medium">{appName(t, entry.app_name)}</span>
                      <span className="text-subtle">
                        {t.memory.access[entry.access_type] ?? entry.access_type}
                        {entry.count > 1 && ` ${t.memory.times(entry.count)}`}
                      </span>
                      <time className="ml-auto text-subtle" dateTime={entry.accessed_at} title={format.full(entry.accessed_at)}>
                        {format.ago(entry.accessed_at)}
                      </time>
                    </li>
                  ))}
                  {own.length > 0 && (
                    <li className="text-subtle">
                      {t.memory.you}, {t.memory.times(own.reduce((sum, entry) => sum + entry.count, 0))}
                    </li>
                  )}
                </ul>
                {!all && clients.length > SHOWN && (
                  <Button size="sm" variant="link" className="mt-1 px-0" onClick={() => setAll(true)}>
                    {t.memory.logAll(clients.length)}
                  </Button>
                )}
                <Turn page={page} size={READINGS} total={total} turn={setPage} className="mt-3" />
              </>
            );
          }}
        </Of>
      </div>
    </Card>
  );
}
