import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { Badge, Card, CardTitle } from "@/components/ui/card";
import { searchQuery } from "@/features/memories/queries";
import { useT } from "@/i18n";
import { useFormat } from "@/lib/format";
import { type Parts, told } from "@/lib/scores";

import type { Exchange } from "../mcp";

interface Found {
  id: string;
  memory: string;
  app?: string;
  score: number;
  /** Parts that are not nothing. */
  scores?: Parts;
}
interface Result {
  isError?: boolean;
  content?: { type: string; text?: string }[];
  structuredContent?: { results?: Found[]; reason?: string; left_out?: Record<string, number>; degraded?: boolean };
}

/** What was sent, and what came back. */
export function Shown({ exchange }: { exchange: Exchange }) {
  const t = useT();
  const result = (exchange.response as { result?: Result } | null)?.result;
  const hits = result?.structuredContent?.results;
  return (
    <>
      {result?.isError && (
        <p role="alert" className="rounded-xl bg-danger-soft px-4 py-3 text-sm text-danger">
          {t.playground.failed}: {result.content?.[0]?.text}
        </p>
      )}
      {hits && result?.structuredContent && <Explained exchange={exchange} hits={hits} answer={result.structuredContent} />}
      <Json title={t.playground.request} value={exchange.request} />
      <Json
        title={
          <>
            {t.playground.response} <Badge>{exchange.status}</Badge> <Badge>{t.playground.took(exchange.ms)}</Badge>
          </>
        }
        value={exchange.response}
      />
    </>
  );
}

/** The parts of a score are no use to a model, so its tool leaves them out: REST is asked the same for them. */
function Explained({ exchange, hits, answer }: { exchange: Exchange; hits: Found[]; answer: NonNullable<Result["structuredContent"]> }) {
  const asked = (exchange.request as { params?: { arguments?: { query?: unknown } } } | null)?.params?.arguments?.query;
  const query = typeof asked === "string" ? asked : "";
  // Of what the tool searches. A threshold of its own may let through what is left out here.
  const { data } = useQuery({ ...searchQuery(query, { state: "active" }), enabled: query !== "" });
  const parts = new Map(data && [...data.rows, ...data.nearest].map((row) => [row.id, row.scores ?? undefined]));
  const explained = hits.map((hit) => ({ ...hit, scores: hit.scores ?? parts.get(hit.id) }));
  return explained.every((hit) => hit.scores) ? <Trace hits={explained} answer={answer} /> : null;
}

function Trace({ hits, answer }: { hits: Found[]; answer: NonNullable<Result["structuredContent"]> }) {
  const t = useT();
  const format = useFormat();
  const left = Object.entries(answer.left_out ?? {});
  const share = (value: number, most: number) => (most <= 0 ? 0 : Math.max(0, value / most) * 100);
  const mostWords = Math.max(...hits.map((hit) => hit.scores?.lexical ?? 0), 0);
  return (
    <Card>
      <CardTitle>{t.playground.trace}</CardTitle>
      <p className="mt-1 text-sm text-subtle">{t.playground.traceHint}</p>
      {answer.degraded && <p className="mt-2 text-sm text-warning">{t.memories.degraded}</p>}
      {answer.reason && <p className="mt-2 text-sm">{t.memories.reason[answer.reason] ?? answer.reason}</p>}
      {left.length > 0 && (
        <p className="mt-2 text-sm text-subtle">
          {t.playground.leftOut}: {left.map(([reason, count]) => `${t.playground.leftOutReasons[reason] ?? reason} ${count}`).join(", ")}
        </p>
      )}
      <ol className="mt-3 grid gap-3">
        {hits.map((hit, index) => (
          <li key={hit.id} className="grid gap-1.5 rounded-xl bg-muted p-3 text-sm">
            <p className="flex gap-2">
              <span className="text-subtle tabular-nums">{index + 1}.</span>
              <span className="memory-text min-w-0 flex-1">{hit.memory}</span>
            </p>
            <Why
              parts={[[t.memories.scores.score, format.chance(hit.score)], ...told(t, format, hit.scores ?? {})]}
              shares={[share(hit.score, 1), share(hit.scores?.dense ?? 0, 1), share(hit.scores?.lexical ?? 0, mostWords)]}
            />
          </li>
        ))}
      </ol>
    </Card>
  );
}

const COLOURS = ["bg-primary", "bg-[var(--chart-3)]", "bg-[var(--chart-2)]"];

/** Those with a share have a bar; what the order follows has none. */
function Why({ parts, shares }: { parts: [string, string][]; shares: number[] }) {
  const rest = parts.slice(shares.length);
  return (
    <>
      <dl className="grid grid-cols-3 gap-3 text-xs">
        {shares.map((share, at) => (
          <Score key={at} name={parts[at]?.[0] ?? ""} value={parts[at]?.[1] ?? ""} share={share} colour={COLOURS[at] ?? ""} />
        ))}
      </dl>
      {rest.length > 0 && <p className="text-xs text-subtle">{rest.map(([name, value]) => `${name} ${value}`).join(" · ")}</p>}
    </>
  );
}

function Score({ name, value, share, colour }: { name: string; value: string; share: number; colour: string }) {
  return (
    <div>
      <dt className="flex justify-between gap-2 text-subtle">
        {name} <span className="font-mono text-foreground">{value}</span>
      </dt>
      <dd aria-hidden className="mt-1 h-1.5 overflow-hidden rounded-full bg-border">
        <span className={`block h-full rounded-full ${colour}`} style={{ width: `${Math.min(100, share)}%` }} />
      </dd>
    </div>
  );
}

function Json({ title, value }: { title: ReactNode; value: unknown }) {
  return (
    <Card>
      <CardTitle className="flex items-center gap-2">{title}</CardTitle>
      <pre tabIndex={0} className="mt-3 max-h-80 overflow-auto rounded-xl bg-muted p-3 font-mono text-xs break-all whitespace-pre-wrap">
        {JSON.stringify(value, null, 2)}
      </pre>
    </Card>
  );
}
