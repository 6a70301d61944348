import { Download } from "lucide-react";

import { Button } from "@/components/ui/button";
import { Card, CardTitle } from "@/components/ui/card";
import { useT } from "@/i18n";
import { dayOf } from "@/lib/days";
import { save } from "@/lib/save";

import { useExport } from "../mutations";
import { Import } from "./import";

export function Data() {
  const t = useT();
  const exported = useExport((file) => save(file, `memories-${dayOf(new Date())}.jsonl`));
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <Card>
        <CardTitle>{t.settings.export}</CardTitle>
        <p className="mt-1 text-sm text-subtle">{t.settings.exportText}</p>
        <Button className="mt-4" disabled={exported.isPending} onClick={() => exported.mutate()}>
          <Download />
          {exported.isPending ? t.settings.exporting : t.settings.export}
        </Button>
      </Card>
      <Import />
    </div>
  );
}
