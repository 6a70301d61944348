import { useT } from "@/i18n";
import type { Catalogue } from "@/i18n/en";
import { useFormat } from "@/lib/format";
import { because } from "@/lib/held";

import type { Report } from "../mutations";

/** Failures that are listed; the rest is a number. */
const LISTED = 20;

/** What became of it, or would. */
export function Told({ report }: { report: Report }) {
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
