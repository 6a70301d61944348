import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Inbox, Keyboard } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import { PageTitle } from "@/components/frame";
import { More } from "@/components/paged";
import { ShortcutHelp } from "@/components/shortcut-help";
import { Empty, Of } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Badge } from "@/components/ui/card";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { toast } from "@/components/ui/toast";
import { useT } from "@/i18n";
import { drafts } from "@/lib/drafts";
import { quietly } from "@/lib/quietly";
import { useShortcuts } from "@/lib/shortcuts";
import { KINDS, type Kind } from "@/routes";

import { type Decision, useDecide, useUndecide } from "./mutations";
import { DecidedList, type Done } from "./parts/decided";
import { ReviewEntry } from "./parts/entry";
import { type Writing, draftOf } from "./parts/write";
import { type Entry, openQuery, reviewQuery } from "./queries";

/** Decisions that are shown to be taken back. */
const DECIDED = 20;

const ofEntry = (id: string) => document.querySelector<HTMLElement>(`[data-memory="${id}"] article`);

/** What a person should look at, one after another. */
export function Review() {
  const t = useT();
  const navigate = useNavigate({ from: "/review" });
  const { kind } = useSearch({ from: "/inside/review" });
  const queue = useInfiniteQuery(reviewQuery(kind));
  const open = useQuery(openQuery).data;
  const [deciding, undeciding] = [useDecide(), useUndecide()];
  const [help, setHelp] = useState(false);
  const [writing, setWriting] = useState<{ id: string; what: Writing } | null>(null);
  // What was decided goes at once; the queue is read anew behind it.
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const [decided, setDecided] = useState<Done[]>([]);
  const sent = useRef(new Map<string, Promise<unknown>>());
  const entries = queue.data?.pages.flatMap((page) => page.items).filter((entry) => !gone.has(entry.memory.id)) ?? [];

  const wanted = useRef<string | null>(null);
  useEffect(() => {
    if (!wanted.current) return;
    ofEntry(wanted.current)?.focus();
    wanted.current = null;
  });
  const isGone = (id: string, is: boolean) =>
    setGone((before) => {
      const next = new Set(before);
      if (is) next.add(id);
      else next.delete(id);
      return next;
    });
  const settle = async ({ memory }: Entry, decision: Decision, text?: string) => {
    const { id } = memory;
    const at = entries.findIndex((entry) => entry.memory.id === id);
    wanted.current = (entries[at + 1] ?? entries[at - 1])?.memory.id ?? null;
    if (!wanted.current) document.getElementById("content")?.focus();
    setWriting(null);
    isGone(id, true);
    const done = { id, text: text ?? memory.content, decision };
    setDecided((before) => [done, ...before.filter((each) => each.id !== id)].slice(0, DECIDED));
    const answer = deciding.mutateAsync({ id, decision, text });
    sent.current.set(id, answer);
    try {
      await answer;
      drafts.set(draftOf(id), null);
      toast(t.review.done[decision], { action: { label: t.common.undo, run: () => quietly(takeBack(id)) } });
    } catch {
      isGone(id, false);
      forget(id);
    }
  };
  const forget = (id: string) => setDecided((before) => before.filter((each) => each.id !== id));
  const takeBack = async (id: string) => {
    // One that is still on its way must have arrived; where it failed, there is nothing to take back.
    const failed = await sent.current.get(id)?.then(
      () => false,
      () => true,
    );
    if (failed) return;
    await undeciding.mutateAsync(id);
    isGone(id, false);
    forget(id);
    toast(t.review.undone);
  };

  useShortcuts((event) => {
    const id = (document.activeElement?.closest("[data-memory]") as HTMLElement | null)?.dataset.memory;
    const at = entries.findIndex((entry) => entry.memory.id === id);
    const entry = entries[at];
    const step = (to: number) => {
      const next = entries[Math.max(0, Math.min(entries.length - 1, to))];
      const element = next && ofEntry(next.memory.id);
      element?.focus({ preventScroll: true });
      element?.scrollIntoView({ block: "nearest" });
    };
    const write = (what: Writing) => entry && setWriting({ id: entry.memory.id, what });
    const onControl = event.target instanceof Element && event.target.closest("a,button,summary") !== null;
    return {
      j: () => step(at + 1),
      k: () => step(at < 0 ? 0 : at - 1),
      "?": () => setHelp(true),
      ...(decided[0] ? { u: () => quietly(takeBack(decided[0]?.id ?? "")) } : {}),
      ...(entry
        ? {
            // On a button or link, Enter does what that says.
            ...(onControl ? {} : { Enter: () => void settle(entry, "keep") }),
            e: () => write("edit"),
            x: () => void settle(entry, "drop"),
            ...(entry.other ? { m: () => write("merge") } : {}),
          }
        : {}),
    };
  });

  const counted = (of: Kind | "all") => (of === "all" ? (open?.all ?? 0) : (open?.counts[of] ?? 0));
  return (
    <>
      <PageTitle
        title={t.review.title}
        lead={t.review.lead}
        actions={
          <Button
            variant="ghost"
            size="icon"
            className="hidden sm:inline-flex"
            aria-label={t.memories.shortcuts}
            onClick={() => setHelp(true)}
          >
            <Keyboard />
          </Button>
        }
      />
      <Tabs
        value={kind ?? "all"}
        onValueChange={(next) => void navigate({ search: next === "all" ? {} : { kind: next as Kind }, replace: true })}
      >
        <TabsList aria-label={t.review.kinds}>
          {(["all", ...KINDS] as const).map((each) => (
            <TabsTrigger key={each} value={each} className="flex items-center">
              {each === "all" ? t.review.all : t.review.kind[each]}{" "}
              {counted(each) > 0 && (
                <Badge className="ml-1 tabular-nums">
                  {counted(each)}
                  {each === "all" && open?.more ? "+" : ""}
                </Badge>
              )}
            </TabsTrigger>
          ))}
        </TabsList>
        <TabsContent value={kind ?? "all"}>
          <Of query={queue}>
            {() =>
              entries.length === 0 ? (
                <Empty
                  icon={<Inbox />}
                  title={kind ? t.review.noneOfKind : t.review.emptyTitle}
                  action={
                    <Button asChild variant="outline">
                      <Link to="/settings" search={{ tab: "rules" }}>
                        {t.review.settings}
                      </Link>
                    </Button>
                  }
                >
                  {t.review.empty}
                </Empty>
              ) : (
                <ul aria-label={t.review.list} className="grid gap-3">
                  {entries.map((entry) => (
                    <li key={entry.memory.id} data-memory={entry.memory.id}>
                      <ReviewEntry
                        entry={entry}
                        writing={writing?.id === entry.memory.id ? writing.what : null}
                        write={(what) => {
                          setWriting(what && { id: entry.memory.id, what });
                          // Back to the entry, so that keys go on from there.
                          if (!what) wanted.current = entry.memory.id;
                        }}
                        decide={(decision, text) => void settle(entry, decision, text)}
                      />
                    </li>
                  ))}
                </ul>
              )
            }
          </Of>
          <More query={queue} />
        </TabsContent>
      </Tabs>
      <DecidedList decided={decided} takeBack={(id) => quietly(takeBack(id))} />
      <ShortcutHelp open={help} onOpenChange={setHelp} />
    </>
  );
}
