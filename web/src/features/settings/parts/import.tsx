import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Undo2, Upload } from "lucide-react";
import { useRef, useState } from "react";

import { type Schemas, api, ok, raw } from "@/api/client";
import { config } from "@/api/config";
import { useActions } from "@/features/memories/queries";
import { projectsQuery } from "@/api/queries";
import { Confirm } from "@/components/confirm";
import { because } from "@/features/memories/parts/held";
import { Loading, Of, useProblem } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Card, CardTitle } from "@/components/ui/card";
import { Field, Select } from "@/components/ui/field";
import { toast } from "@/components/ui/toast";
import { useT } from "@/i18n";
import type { Catalogue } from "@/i18n/en";
import { useFormat } from "@/lib/format";

type Report = Schemas["ImportOut"];

/** Failures that are listed; the rest is a number. */
const LISTED = 20;

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

async function send(file: File, project: string, dry: boolean): Promise<Report> {
  const query = new URLSearchParams({ ...(dry ? { dry_run: "true" } : {}), ...(project ? { project_id: project } : {}) });
  const headers = { "content-type": file.name.endsWith(".zip") ? "application/zip" : "application/x-ndjson" };
  return (await raw(`/api/v1/import?${query}`, { method: "POST", headers, body: file })).json() as Promise<Report>;
}

/** Tells what an import would do, does it when told to, and takes it back. */
export function Import() {
  const t = useT();
  const client = useQueryClient();
  const problem = useProblem();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File | null>(null);
  const [project, setProject] = useState("");
  const [report, setReport] = useState<Report | null>(null);
  const [busy, setBusy] = useState<"reading" | "importing" | null>(null);
  const projects = useQuery(projectsQuery);

  const run = async (of: File, into: string, dry: boolean) => {
    setBusy(dry ? "reading" : "importing");
    try {
      setReport(await send(of, into, dry));
      if (!dry) {
        setFile(null);
        stale();
      }
    } catch (failure) {
      toast(problem(failure), { danger: true });
      if (dry) cancel();
    } finally {
      setBusy(null);
    }
  };
  const stale = () => {
    for (const key of ["listed", "memories", "review", "stats", "apps", "projects", "tags", "learning"])
      void client.invalidateQueries({ queryKey: [key] });
  };
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
    void run(chosen, "", true);
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
      <Button variant="outline" className="mt-4" disabled={busy !== null} onClick={() => input.current?.click()}>
        <Upload />
        {t.settings.chooseFile}
      </Button>
      <div aria-live="polite">
        {busy && (
          <div className="mt-4 flex items-center gap-3 text-sm text-subtle">
            <Loading className="h-6" />
            {busy === "reading" ? t.settings.importReading : t.settings.importing}
          </div>
        )}
        {report && busy !== "reading" && (
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
                        disabled={busy !== null}
                        onChange={(event) => {
                          setProject(event.target.value);
                          void run(file, event.target.value, true);
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
                  <Button disabled={busy !== null || report.stored + report.held === 0} onClick={() => void run(file, project, false)}>
                    {t.settings.importNow}
                  </Button>
                  <Button variant="outline" disabled={busy !== null} onClick={cancel}>
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

/** What became of it, or would. */
function Told({ report }: { report: Report }) {
  const t = useT();
  const format = useFormat();
  const names = report.dry_run ? t.settings.importCounts : t.settings.importDoneCounts;
  const counts: [string, number][] = [
    [names.read, report.read],
    [names.stored, report.stored],
    [names.known, report.known],
    [names.held, report.held],
    [names.forgotten, report.forgotten],
    [names.failed, report.failed.length],
  ];
  const shown = counts.filter(([, count], at) => at < 3 || count > 0);
  const held = Object.entries(report.held_by).sort((a, b) => b[1] - a[1]);
  return (
    <>
      {report.warning && <p className="text-warning">{report.warning}</p>}
      <dl className="grid max-w-sm grid-cols-[1fr_auto] gap-x-6 gap-y-1">
        {shown.map(([name, count]) => (
          <div key={name} className="contents">
            <dt>{name}</dt>
            <dd className="text-right tabular-nums">{format.number(count)}</dd>
          </div>
        ))}
      </dl>
      <Samples title={t.settings.importSamples} texts={report.samples.stored} />
      {held.length > 0 && (
        <section className="grid gap-2">
          <h4 className="font-medium">{names.held}</h4>
          {held.map(([why, count]) => (
            <Samples key={why} title={`${capital(because(t, why))}: ${format.number(count)}`} texts={report.samples[`held_${why}`]} />
          ))}
        </section>
      )}
      <LeftOut report={report} t={t} />
      {report.failed.length > 0 && (
        <section>
          <h4>{t.settings.importFailed(report.failed.length)}</h4>
          <ul className="mt-1 list-disc pl-5 text-subtle">
            {report.failed.slice(0, LISTED).map(({ line, detail }) => (
              <li key={line}>
                {t.settings.line(line)}: {detail}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function LeftOut({ report, t }: { report: Report; t: Catalogue }) {
  const entries = Object.entries(report.left_out);
  if (entries.length === 0) return null;
  return (
    <section>
      <h4>{t.settings.leftOut}</h4>
      <ul className="mt-1 list-disc pl-5 text-subtle">
        {entries.map(([why, count]) => (
          <li key={why}>
            {t.settings.leftOutReasons[why] ?? why}: {count}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Some of the texts. */
function Samples({ title, texts }: { title: string; texts: string[] | undefined }) {
  if (!texts || texts.length === 0) return null;
  return (
    <details>
      <summary className="font-medium">{title}</summary>
      <ul className="mt-1 grid gap-1 border-l-2 pl-3 text-subtle">
        {texts.map((text, at) => (
          <li key={`${at} ${text}`} className="memory-text line-clamp-2">
            {text}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** What can be done after an import: take it back, look at what is held. */
function Afterwards({ report, takenBack }: { report: Report; takenBack: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const problem = useProblem();
  const actions = useActions();
  const [asking, setAsking] = useState(false);
  const { import_id } = report;
  const undo = (dry_run: boolean) => ok(api.POST("/api/v1/undo", { body: { import_id: import_id ?? null, dry_run } }));
  const preview = useQuery({ queryKey: ["undo", "import", import_id], queryFn: () => undo(true), enabled: asking, gcTime: 0 });
  const bringBack = async (ids: string[]) => {
    try {
      toast(t.memories.restored((await actions.recover(ids)).length));
    } catch (failure) {
      toast(problem(failure), { danger: true });
    }
  };
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
          const { deleted, deleted_ids } = await undo(false);
          await client.invalidateQueries();
          toast(t.settings.importTakenBack(deleted), { action: { label: t.common.undo, run: () => void bringBack(deleted_ids) } });
          takenBack();
        }}
      >
        <p className="mb-3 text-subtle">{t.settings.importTakeBackText}</p>
        <div className="min-h-12" aria-live="polite">
          <Of query={preview} height="h-12">
            {({ deleted, restored, conflicts }) =>
              deleted + restored + conflicts.length === 0 ? (
                <p>{t.takeBack.nothing}</p>
              ) : (
                <ul className="grid gap-1">
                  <li>{t.takeBack.deleted(deleted)}</li>
                  {restored > 0 && <li>{t.takeBack.restored(restored)}</li>}
                  {conflicts.length > 0 && <li>{t.takeBack.stays(conflicts.length)}</li>}
                </ul>
              )
            }
          </Of>
        </div>
      </Confirm>
    </div>
  );
}
