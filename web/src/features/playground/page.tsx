import { useQuery } from "@tanstack/react-query";
import { FlaskConical, Play, Square } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";

import { api, ok } from "@/api/client";
import { ApiError } from "@/api/error";
import { type Exchange, McpConsole, type Tool } from "./mcp";
import { searchQuery } from "@/features/memories/queries";
import { session } from "@/api/session";
import { PageTitle } from "@/components/frame";
import { Empty, useProblem } from "@/components/states";
import { Badge, Card, CardTitle } from "@/components/ui/card";
import { Button } from "@/components/ui/button";
import { Field, Select, Textarea } from "@/components/ui/field";
import { useT } from "@/i18n";
import type { Catalogue } from "@/i18n/en";
import { sendsForm } from "@/lib/focus";
import { useFormat } from "@/lib/format";
import { type Parts, told } from "@/lib/scores";

/** A key of the page's own, and what it opens. */
interface Started {
  keyId: string;
  /** When the key ends by itself, RFC 3339. */
  until: string;
  mcp: McpConsole;
  tools: Tool[];
}

const HOUR = 3_600_000;

function revoke(keyId: string): void {
  void ok(api.DELETE("/api/v1/keys/{key_id}", { params: { path: { key_id: keyId } } })).catch(() => undefined);
}

/** The same while the page is going away: nothing can be waited for, and the request must outlive the page. */
function revokeLeaving(keyId: string): void {
  const token = session.lastToken();
  if (!token) return;
  const headers = { authorization: `Bearer ${token}` };
  void fetch(`/api/v1/keys/${keyId}`, { method: "DELETE", keepalive: true, headers }).catch(() => undefined);
}

/** Arguments to begin with: what is required, and nothing that deletes. */
function example(t: Catalogue, tool: Tool): string {
  const values: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(tool.inputSchema.properties ?? {})) {
    if (!tool.inputSchema.required?.includes(name)) continue;
    values[name] =
      name === "query"
        ? t.playground.exampleQuery
        : name === "text"
          ? t.playground.exampleText
          : schema.type === "array"
            ? []
            : schema.type === "boolean"
              ? false
              : "";
  }
  // What is typed here is a person's own word.
  if (tool.name === "add_memories" && tool.inputSchema.properties?.force) values.force = true;
  return JSON.stringify(values, null, 2);
}

export function Playground() {
  const t = useT();
  const problem = useProblem();
  const format = useFormat();
  const [started, setStarted] = useState<Started | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [name, setName] = useState("");
  const [args, setArgs] = useState("{}");
  const [exchange, setExchange] = useState<Exchange | null>(null);

  // The key does not outlive the page.
  const keyId = useRef<string | null>(null);
  useEffect(() => {
    const leaving = () => {
      if (keyId.current) revokeLeaving(keyId.current);
    };
    addEventListener("pagehide", leaving);
    return () => {
      removeEventListener("pagehide", leaving);
      if (keyId.current) revoke(keyId.current);
    };
  }, []);

  const choose = (tools: Tool[], next: string) => {
    const tool = tools.find((each) => each.name === next);
    setName(next);
    setArgs(tool ? example(t, tool) : "{}");
    setError(null);
  };
  const start = async () => {
    setBusy(true);
    setError(null);
    try {
      const expires_at = new Date(Date.now() + HOUR).toISOString();
      const key = await ok(api.POST("/api/v1/keys/", { body: { name: "playground", client: "playground", expires_at } }));
      keyId.current = key.id;
      const mcp = new McpConsole(key.api_key);
      const tools = await mcp.tools();
      setStarted({ keyId: key.id, until: expires_at, mcp, tools });
      choose(tools, tools.some((tool) => tool.name === "search_memory") ? "search_memory" : (tools[0]?.name ?? ""));
    } catch (failure) {
      if (keyId.current) revoke(keyId.current);
      setError(problem(failure));
    } finally {
      setBusy(false);
    }
  };
  const stop = () => {
    if (keyId.current) revoke(keyId.current);
    keyId.current = null;
    setStarted(null);
    setExchange(null);
  };
  const call = async () => {
    if (!started) return;
    let parsed: unknown;
    try {
      parsed = JSON.parse(args);
    } catch {
      parsed = null;
    }
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return setError(t.playground.invalid);
    setBusy(true);
    setError(null);
    try {
      setExchange(await started.mcp.call("tools/call", { name, arguments: parsed }));
    } catch (failure) {
      if (failure instanceof ApiError && failure.code === "key_ended") {
        stop();
        setError(t.playground.ended);
      } else setError(problem(failure));
    } finally {
      setBusy(false);
    }
  };
  const tool = started?.tools.find((each) => each.name === name);

  return (
    <>
      <PageTitle
        title={t.playground.title}
        lead={t.playground.lead}
        actions={
          started && (
            <Button variant="outline" onClick={stop}>
              <Square />
              {t.playground.stop}
            </Button>
          )
        }
      />
      {!started && (
        <Empty
          icon={<FlaskConical />}
          title={t.playground.title}
          action={
            <Button onClick={() => void start()} disabled={busy}>
              <Play />
              {busy ? t.playground.starting : t.playground.start}
            </Button>
          }
        >
          {t.playground.startHint}
          {error && (
            <p role="alert" className="mt-2 text-danger">
              {error}
            </p>
          )}
        </Empty>
      )}
      {started && <p className="mb-3 text-sm text-subtle">{t.playground.until(format.time(started.until))}</p>}
      {started && (
        <div className="grid gap-4 lg:grid-cols-[1fr_1.4fr]">
          <Card className="self-start">
            <form
              className="grid gap-4"
              onSubmit={(event) => {
                event.preventDefault();
                void call();
              }}
            >
              <Field label={t.playground.tool} hint={tool?.description}>
                {(ids) => (
                  <Select {...ids} value={name} onChange={(event) => choose(started.tools, event.target.value)}>
                    {started.tools.map((each) => (
                      <option key={each.name} value={each.name}>
                        {each.name}
                      </option>
                    ))}
                  </Select>
                )}
              </Field>
              <Field label={t.playground.arguments} error={error}>
                {(ids) => (
                  <Textarea
                    {...ids}
                    className="min-h-32 font-mono sm:text-xs"
                    spellCheck={false}
                    onKeyDown={sendsForm}
                    value={args}
                    onChange={(event) => setArgs(event.target.value)}
                  />
                )}
              </Field>
              <Button type="submit" disabled={busy}>
                <Play />
                {busy ? t.playground.calling : t.playground.call}
              </Button>
            </form>
          </Card>
          <div className="grid min-w-0 content-start gap-4" aria-live="polite">
            {exchange ? <Shown exchange={exchange} /> : <Empty title={t.playground.empty} />}
          </div>
        </div>
      )}
    </>
  );
}

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

function Shown({ exchange }: { exchange: Exchange }) {
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
  const told = useQuery({ ...searchQuery(query, {}), enabled: query !== "" });
  const parts = new Map(told.data?.rows.map((row) => [row.id, row.scores ?? undefined]));
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
            <dl className="grid grid-cols-3 gap-3 text-xs">
              <Score name={t.memories.scores.score} value={format.score(hit.score)} share={share(hit.score, 1)} colour="bg-primary" />
              <Score
                name={t.memories.scores.dense}
                value={format.score(hit.scores?.dense ?? 0)}
                share={share(hit.scores?.dense ?? 0, 1)}
                colour="bg-[var(--chart-3)]"
              />
              <Score
                name={t.memories.scores.lexical}
                value={format.score(hit.scores?.lexical ?? 0)}
                share={share(hit.scores?.lexical ?? 0, mostWords)}
                colour="bg-[var(--chart-2)]"
              />
            </dl>
            <Boosts score={hit.score} parts={hit.scores ?? {}} />
          </li>
        ))}
      </ol>
    </Card>
  );
}

/** What was added for a date, a speaker or a neighbour, and what feedback made of it. */
function Boosts({ score, parts }: { score: number; parts: Parts }) {
  const t = useT();
  const format = useFormat();
  const boosts = told(t, score, parts, format.score).slice(3);
  if (boosts.length === 0) return null;
  return <p className="text-xs text-subtle">{boosts.map(([name, value]) => `${name} ${value}`).join(" · ")}</p>;
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
