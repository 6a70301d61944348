import type { UseQueryResult } from "@tanstack/react-query";

import type { Schemas } from "@/api/client";
import { Of } from "@/components/states";
import { useT } from "@/i18n";

/** What taking writes back would do. `terse` leaves out what would not be done. */
export function Outcome({ query, terse = false }: { query: UseQueryResult<Schemas["UndoneOut"]>; terse?: boolean }) {
  const t = useT();
  return (
    <div className={terse ? "min-h-12" : "min-h-16"} aria-live="polite">
      <Of query={query} height={terse ? "h-12" : "h-16"}>
        {({ deleted, restored, conflicts }) =>
          deleted + restored + conflicts.length === 0 ? (
            <p>{t.takeBack.nothing}</p>
          ) : (
            <ul className="grid gap-1">
              <li>{t.takeBack.deleted(deleted)}</li>
              {(!terse || restored > 0) && <li>{t.takeBack.restored(restored)}</li>}
              {conflicts.length > 0 && <li>{t.takeBack.stays(conflicts.length)}</li>}
            </ul>
          )
        }
      </Of>
    </div>
  );
}
