import { Download } from "lucide-react";

import { Button } from "@/components/ui/button";
import { Card, CardTitle } from "@/components/ui/card";
import { useT } from "@/i18n";
import { dayOf } from "@/lib/days";

import { useExport } from "../mutations";
import { Import } from "./import";

export function Data() {
  const t = useT();
  const save = useExport((file) => {
    const url = URL.createObjectURL(file);
    const link = document.createElement("a");
    link.href = url;
    link.download = `memories-${dayOf(new Date())}.jsonl`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  });
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <Card>
        <CardTitle>{t.settings.export}</CardTitle>
        <p className="mt-1 text-sm text-subtle">{t.settings.exportText}</p>
        <Button className="mt-4" disabled={save.isPending} onClick={() => save.mutate()}>
          <Download />
          {save.isPending ? t.settings.exporting : t.settings.export}
        </Button>
      </Card>
      <Import />
    </div>
  );
}
