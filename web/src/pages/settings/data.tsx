import { useQueryClient } from "@tanstack/react-query";
import { Download, Upload } from "lucide-react";
import { useRef, useState } from "react";

import { type Schemas, raw } from "@/api/client";
import { config } from "@/api/config";
import { useProblem } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Card, CardTitle } from "@/components/ui/card";
import { toast } from "@/components/ui/toast";
import { useT } from "@/i18n";

/** Failures that are listed; the rest is a number. */
const LISTED = 20;

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

export function Data() {
  const t = useT();
  const client = useQueryClient();
  const problem = useProblem();
  const file = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState<"export" | "import" | null>(null);
  const [imported, setImported] = useState<Schemas["ImportOut"] | null>(null);

  const save = async () => {
    setBusy("export");
    try {
      const answer = await raw("/api/v1/export");
      const url = URL.createObjectURL(await answer.blob());
      const link = document.createElement("a");
      link.href = url;
      link.download = `memories-${new Date().toISOString().slice(0, 10)}.jsonl`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch (failure) {
      toast(problem(failure), { danger: true });
    } finally {
      setBusy(null);
    }
  };
  const load = async (chosen: File) => {
    setImported(null);
    const most = config().import_bytes;
    // A server that has heard enough hangs up, and a browser then knows no reason.
    if (chosen.size > most) return toast(t.settings.importTooLarge(mebibytes(chosen.size), mebibytes(most)), { danger: true });
    setBusy("import");
    try {
      const headers = { "content-type": chosen.name.endsWith(".zip") ? "application/zip" : "application/x-ndjson" };
      const answer = await raw("/api/v1/import", { method: "POST", headers, body: chosen });
      setImported((await answer.json()) as Schemas["ImportOut"]);
      for (const key of ["listed", "memories", "stats", "apps", "projects", "tags", "learning"])
        void client.invalidateQueries({ queryKey: [key] });
    } catch (failure) {
      toast(problem(failure), { danger: true });
    } finally {
      setBusy(null);
    }
  };
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <Card>
        <CardTitle>{t.settings.export}</CardTitle>
        <p className="mt-1 text-sm text-subtle">{t.settings.exportText}</p>
        <Button className="mt-4" disabled={busy !== null} onClick={() => void save()}>
          <Download />
          {busy === "export" ? t.settings.exporting : t.settings.export}
        </Button>
      </Card>
      <Card>
        <CardTitle>{t.settings.import}</CardTitle>
        <p className="mt-1 text-sm text-subtle">{t.settings.importText}</p>
        <input
          ref={file}
          type="file"
          className="sr-only"
          tabIndex={-1}
          aria-label={t.settings.chooseFile}
          accept=".json,.jsonl,.ndjson,.txt,.zip,application/json,application/x-ndjson,application/zip"
          onChange={(event) => {
            const chosen = event.target.files?.[0];
            // So that the same file can be chosen again.
            event.target.value = "";
            if (chosen) void load(chosen);
          }}
        />
        <Button variant="outline" className="mt-4" disabled={busy !== null} onClick={() => file.current?.click()}>
          <Upload />
          {busy === "import" ? t.settings.importing : t.settings.chooseFile}
        </Button>
        {imported && (
          <div role="status" className="mt-4 rounded-xl bg-muted px-4 py-3 text-sm">
            <p className="font-medium">{t.settings.imported(imported.read, imported.stored, imported.known)}</p>
            {imported.warning && <p className="mt-1 text-warning">{imported.warning}</p>}
            {Object.keys(imported.left_out).length > 0 && (
              <>
                <p className="mt-2">{t.settings.leftOut}</p>
                <ul className="mt-1 list-disc pl-5 text-subtle">
                  {Object.entries(imported.left_out).map(([why, count]) => (
                    <li key={why}>
                      {t.settings.leftOutReasons[why] ?? why}: {count}
                    </li>
                  ))}
                </ul>
              </>
            )}
            {imported.failed.length > 0 && (
              <>
                <p className="mt-2">{t.settings.importFailed(imported.failed.length)}</p>
                <ul className="mt-1 list-disc pl-5 text-subtle">
                  {imported.failed.slice(0, LISTED).map(({ line, detail }) => (
                    <li key={line}>
                      {t.settings.line(line)}: {detail}
                    </li>
                  ))}
                </ul>
              </>
            )}
          </div>
        )}
      </Card>
    </div>
  );
}
