import { useQuery } from "@tanstack/react-query";
import { Upload } from "lucide-react";
import { useRef, useState } from "react";

import { config } from "@/api/config";
import { Loading } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Card, CardTitle } from "@/components/ui/card";
import { Field, Select } from "@/components/ui/field";
import { toast } from "@/components/ui/toast";
import { projectsQuery } from "@/features/projects/queries";
import { useT } from "@/i18n";

import { type Report, useImport, useTryImport } from "../mutations";
import { Afterwards } from "./import-afterwards";
import { Told } from "./import-report";

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

/** Tells what an import would do, does it when told to, and takes it back. */
export function Import() {
  const t = useT();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File | null>(null);
  const [project, setProject] = useState("");
  const [report, setReport] = useState<Report | null>(null);
  const projects = useQuery(projectsQuery);
  const [trying, importing] = [useTryImport(), useImport()];
  const busy = trying.isPending || importing.isPending;

  const look = (of: File, into: string) => trying.mutate({ file: of, project: into }, { onSuccess: setReport, onError: cancel });
  const run = (of: File) =>
    importing.mutate(
      { file: of, project },
      {
        onSuccess: (done) => {
          setReport(done);
          setFile(null);
        },
      },
    );
  const cancel = () => {
    setFile(null);
    setReport(null);
  };
  const choose = (chosen: File) => {
    setReport(null);
    setProject("");
    const most = config().import_bytes;
    // A server that has heard enough hangs up, and a browser then knows no reason.
    if (chosen.size > most) return toast(t.settings.importTooLarge(mebibytes(chosen.size), mebibytes(most)), { danger: true });
    setFile(chosen);
    look(chosen, "");
  };
  return (
    <Card className={file || report ? "lg:col-span-2" : ""}>
      <CardTitle>{t.settings.import}</CardTitle>
      <p className="mt-1 text-sm text-subtle">{t.settings.importText}</p>
      <input
        ref={input}
        type="file"
        className="sr-only"
        tabIndex={-1}
        aria-label={t.settings.chooseFile}
        accept=".json,.jsonl,.ndjson,.txt,.zip,application/json,application/x-ndjson,application/zip"
        onChange={(event) => {
          const chosen = event.target.files?.[0];
          // So that the same file can be chosen again.
          event.target.value = "";
          if (chosen) choose(chosen);
        }}
      />
      <Button variant="outline" className="mt-4" disabled={busy} onClick={() => input.current?.click()}>
        <Upload />
        {t.settings.chooseFile}
      </Button>
      <div aria-live="polite">
        {busy && (
          <div className="mt-4 flex items-center gap-3 text-sm text-subtle">
            <Loading className="h-6" />
            {trying.isPending ? t.settings.importReading : t.settings.importing}
          </div>
        )}
        {report && !trying.isPending && (
          <div className="mt-4 grid gap-4 rounded-xl bg-muted px-4 py-4 text-sm">
            <div>
              <h3 className="font-medium">{report.dry_run ? t.settings.importPreview : t.settings.importDone}</h3>
              {file && <p className="text-subtle break-all">{file.name}</p>}
            </div>
            <Told report={report} />
            {file && report.dry_run ? (
              <>
                {(projects.data?.length ?? 0) > 1 && (
                  <Field label={t.settings.importProject} className="max-w-sm">
                    {(ids) => (
                      <Select
                        {...ids}
                        value={project}
                        disabled={busy}
                        onChange={(event) => {
                          setProject(event.target.value);
                          look(file, event.target.value);
                        }}
                      >
                        <option value="">{t.settings.importAsInFile}</option>
                        {projects.data?.map((each) => (
                          <option key={each.id} value={each.id}>
                            {each.name}
                          </option>
                        ))}
                      </Select>
                    )}
                  </Field>
                )}
                {report.stored + report.held === 0 && <p>{t.settings.importNothing}</p>}
                <div className="flex flex-wrap gap-2">
                  <Button disabled={busy || report.stored + report.held === 0} onClick={() => run(file)}>
                    {t.settings.importNow}
                  </Button>
                  <Button variant="outline" disabled={busy} onClick={cancel}>
                    {t.common.cancel}
                  </Button>
                </div>
              </>
            ) : (
              <Afterwards report={report} takenBack={() => setReport(null)} />
            )}
          </div>
        )}
      </div>
    </Card>
  );
}
