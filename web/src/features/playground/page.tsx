import { useMutation } from "@tanstack/react-query";
import { FlaskConical, Play, Square } from "lucide-react";
import { useState } from "react";

import { ApiError } from "@/api/error";
import { PageTitle } from "@/components/frame";
import { Empty, Wrong, useProblem } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Field, Select, Textarea } from "@/components/ui/field";
import { useT } from "@/i18n";
import { sendsForm } from "@/lib/focus";
import { useFormat } from "@/lib/format";

import { type Console, useConsole } from "./console";
import { example } from "./example";
import type { Exchange, Tool } from "./mcp";
import { Shown } from "./parts/shown";

/** The arguments of a call; null where they are none. */
function parsed(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

export function Playground() {
  const t = useT();
  const problem = useProblem();
  const format = useFormat();
  const [name, setName] = useState("");
  const [args, setArgs] = useState("{}");
  const [invalid, setInvalid] = useState(false);
  const [ended, setEnded] = useState(false);
  const [exchange, setExchange] = useState<Exchange | null>(null);

  const { console, start, stop } = useConsole();
  const close = () => {
    stop();
    setExchange(null);
  };
  const call = useMutation({
    mutationFn: ({ mcp, given }: { mcp: Console["mcp"]; given: object }) => mcp.call("tools/call", { name, arguments: given }),
    onSuccess: setExchange,
    onError: (failure) => {
      if (!(failure instanceof ApiError) || failure.code !== "key_ended") return;
      close();
      setEnded(true);
    },
    // Told beside what was sent.
    meta: { inline: true },
  });
  const choose = (tools: Tool[], next: string) => {
    const tool = tools.find((each) => each.name === next);
    setName(next);
    setArgs(tool ? example(t, tool) : "{}");
    setInvalid(false);
    call.reset();
  };
  const begin = () => {
    setEnded(false);
    start.mutate(undefined, {
      onSuccess: ({ tools }) =>
        choose(tools, tools.some((tool) => tool.name === "search_memory") ? "search_memory" : (tools[0]?.name ?? "")),
    });
  };
  const send = () => {
    const given = parsed(args);
    setInvalid(given === null);
    if (console && given) call.mutate({ mcp: console.mcp, given });
  };
  const tool = console?.tools.find((each) => each.name === name);

  return (
    <>
      <PageTitle
        title={t.playground.title}
        lead={t.playground.lead}
        actions={
          console && (
            <Button variant="outline" onClick={close}>
              <Square />
              {t.playground.stop}
            </Button>
          )
        }
      />
      {!console && (
        <Empty
          icon={<FlaskConical />}
          title={t.playground.title}
          action={
            <Button onClick={begin} disabled={start.isPending}>
              <Play />
              {start.isPending ? t.playground.starting : t.playground.start}
            </Button>
          }
        >
          {t.playground.startHint}
          <Wrong error={ended ? t.playground.ended : start.error} className="mt-2" />
        </Empty>
      )}
      {console && <p className="mb-3 text-sm text-subtle">{t.playground.until(format.time(console.until))}</p>}
      {console && (
        <div className="grid gap-4 lg:grid-cols-[1fr_1.4fr]">
          <Card className="self-start">
            <form
              className="grid gap-4"
              onSubmit={(event) => {
                event.preventDefault();
                send();
              }}
            >
              <Field label={t.playground.tool} hint={tool?.description}>
                {(ids) => (
                  <Select {...ids} value={name} onChange={(event) => choose(console.tools, event.target.value)}>
                    {console.tools.map((each) => (
                      <option key={each.name} value={each.name}>
                        {each.name}
                      </option>
                    ))}
                  </Select>
                )}
              </Field>
              <Field label={t.playground.arguments} error={invalid ? t.playground.invalid : call.error && problem(call.error)}>
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
              <Button type="submit" disabled={call.isPending}>
                <Play />
                {call.isPending ? t.playground.calling : t.playground.call}
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
