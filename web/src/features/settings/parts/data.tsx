import { Download } from "lucide-react";
import { useState } from "react";

import { raw } from "@/api/client";
import { useProblem } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Card, CardTitle } from "@/components/ui/card";
import { toast } from "@/components/ui/toast";
import { useT } from "@/i18n";
import { dayOf } from "@/lib/days";

import { Import } from "./import";

export function Data() {
  const t = useT();
  const problem = useProblem();
  const [busy, setBusy] = useState(false);

  const save = async () => {
    setBusy(true);
    try {
      const answer = await raw("/api/v1/export");
      const url = URL.createObjectURL(await answer.blob());
      const link = document.createElement("a");
      link.href = url;
      link.download = `memories-${dayOf(new Date())}.jsonl`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch (failure) {
      toast(problem(failure), { danger: true });
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <Card>
        <CardTitle>{t.settings.export}</CardTitle>
        <p className="mt-1 text-sm text-subtle">{t.settings.exportText}</p>
        <Button className="mt-4" disabled={busy} onClick={() => void save()}>
          <Download />
          {busy ? t.settings.exporting : t.settings.export}
        </Button>
      </Card>
      <Import />
    </div>
  );
}
