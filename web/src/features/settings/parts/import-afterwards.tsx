import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Undo2 } from "lucide-react";
import { useState } from "react";

import { Confirm } from "@/components/confirm";
import { Button } from "@/components/ui/button";
import { toast } from "@/components/ui/toast";
import { useRecover } from "@/features/memories/mutations";
import { useUndoWrites } from "@/features/undo/mutations";
import { Outcome } from "@/features/undo/parts/outcome";
import { undoQuery } from "@/features/undo/queries";
import { useT } from "@/i18n";

import type { Report } from "../mutations";

/** What can be done after an import: take it back, look at what is held. */
export function Afterwards({ report, takenBack }: { report: Report; takenBack: () => void }) {
  const t = useT();
  const [asking, setAsking] = useState(false);
  const { import_id } = report;
  const writes = { import_id: import_id ?? null };
  const preview = useQuery({ ...undoQuery(writes), enabled: asking });
  const undo = useUndoWrites();
  const recover = useRecover((back) => toast(t.memories.restored(back.length)));
  return (
    <div className="flex flex-wrap gap-2">
      {import_id && (
        <Button variant="outline" onClick={() => setAsking(true)}>
          <Undo2 />
          {t.settings.importTakeBack}
        </Button>
      )}
      {report.held > 0 && (
        <Button asChild variant="outline">
          <Link to="/memories" search={{ state: "held" }}>
            {t.settings.importHeld}
          </Link>
        </Button>
      )}
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={t.settings.importTakeBackTitle}
        action={t.settings.importTakeBack}
        disabled={(preview.data?.deleted ?? 0) + (preview.data?.restored ?? 0) === 0}
        run={async () => {
          const { deleted, deleted_ids } = await undo.mutateAsync(writes);
          toast(t.settings.importTakenBack(deleted), { action: { label: t.common.undo, run: () => recover.mutate(deleted_ids) } });
          takenBack();
        }}
      >
        <p className="mb-3 text-subtle">{t.settings.importTakeBackText}</p>
        <Outcome query={preview} terse />
      </Confirm>
    </div>
  );
}
