import { Link, useNavigate } from "@tanstack/react-router";
import { Archive, Pause, Pencil, Pin, PinOff, RotateCcw, Trash2 } from "lucide-react";
import { useState } from "react";

import { Confirm } from "@/components/confirm";
import { PageTitle } from "@/components/frame";
import { Button } from "@/components/ui/button";
import { Badge, Card } from "@/components/ui/card";
import { Dialog } from "@/components/ui/dialog";
import { toast } from "@/components/ui/toast";
import { MOVES, type To, useMove, useRecover, useRemove } from "@/features/memories/mutations";
import { KeepButton } from "@/features/memories/parts/keep-button";
import { useT } from "@/i18n";
import { because } from "@/lib/held";
import { toLastList } from "@/lib/lists";

import { editedOf, unfinished } from "../edited";
import { usePin } from "../mutations";
import type { Memory } from "../queries";
import { AccessLog } from "./access-log";
import { MemoryEditor } from "./editor";
import { Said, Worth } from "./feedback";
import { History } from "./history";
import { Provenance } from "./provenance";
import { Related } from "./related";
import { Links, Source } from "./source";

/** A memory with all that is known of it, and what can be done with it. */
export function Detail({ memory }: { memory: Memory }) {
  const t = useT();
  const navigate = useNavigate();
  const { id, state } = memory;
  const [editing, setEditing] = useState(() => unfinished() !== null);
  const [deleting, setDeleting] = useState(false);
  const pin = usePin(memory);
  const move = useMove();
  const moveTo = (to: To) => move.mutate({ ids: [id], to, shown: MOVES });
  const remove = useRemove();
  const recover = useRecover();
  return (
    <>
      <PageTitle
        title={t.memory.title}
        actions={
          <>
            <Button variant="outline" onClick={() => setEditing(true)}>
              <Pencil />
              {t.common.edit}
            </Button>
            <Button variant="outline" aria-pressed={memory.pinned} onClick={() => pin.mutate()}>
              {memory.pinned ? <PinOff /> : <Pin />}
              {memory.pinned ? t.memory.unpin : t.memory.pin}
            </Button>
            {state !== "active" && state !== "held" && (
              <Button variant="outline" onClick={() => moveTo("active")}>
                <RotateCcw />
                {t.memories.restore}
              </Button>
            )}
            {state === "active" && (
              <Button variant="outline" onClick={() => moveTo("paused")}>
                <Pause />
                {t.memories.pause}
              </Button>
            )}
            {state !== "archived" && state !== "held" && (
              <Button variant="outline" onClick={() => moveTo("archived")}>
                <Archive />
                {t.memories.archive}
              </Button>
            )}
            <Button variant="danger-outline" onClick={() => setDeleting(true)}>
              <Trash2 />
              {t.memories.delete}
            </Button>
          </>
        }
      />
      <div className="grid gap-4 lg:grid-cols-[1.6fr_1fr]">
        <div className="grid content-start gap-4">
          {state === "held" && (
            <div className="flex flex-wrap items-center gap-3 rounded-2xl bg-warning-soft px-4 py-3 text-sm text-warning">
              <p className="min-w-60 flex-1">{t.held.toast(because(t, memory.held_for))}</p>
              <KeepButton ids={[id]} className="text-foreground" />
            </div>
          )}
          <Card>
            <p className="memory-text text-lg leading-relaxed" data-testid="memory-text">
              {memory.content}
            </p>
            {(memory.tags.length > 0 || memory.flags.length > 0 || memory.pinned || state !== "active") && (
              <p className="mt-4 flex flex-wrap gap-1.5">
                {state !== "active" && <Badge tone="warning">{t.memories.states[state] ?? state}</Badge>}
                {memory.pinned && <Badge tone="accent">{t.memories.pinned}</Badge>}
                {memory.flags.map((flag) => (
                  <Badge key={flag} tone="warning">
                    {t.memories.flags[flag] ?? flag}
                  </Badge>
                ))}
                {memory.tags.map((tag) => (
                  <Link key={tag} to="/memories" search={{ tag }} className="rounded-md">
                    <Badge tone="accent">{tag}</Badge>
                  </Link>
                ))}
              </p>
            )}
            <Worth memory={memory} />
          </Card>
          <Source memory={memory} />
          <Said id={id} />
          <Links text={memory.content} />
          <History memory={memory} />
          <Related id={id} />
        </div>
        <div className="grid content-start gap-4">
          <Provenance memory={memory} />
          <AccessLog id={id} />
        </div>
      </div>
      <Dialog open={editing} onOpenChange={setEditing}>
        {editing && <MemoryEditor memory={editedOf(memory)} saved={() => setEditing(false)} />}
      </Dialog>
      <Confirm
        open={deleting}
        onOpenChange={setDeleting}
        title={t.memories.deleteTitle(1)}
        action={t.memories.delete}
        run={async () => {
          await remove.mutateAsync([id]);
          toast(t.memories.deleted(1), { action: { label: t.common.undo, run: () => recover.mutate([id]) } });
          await navigate(toLastList());
        }}
      >
        {t.memories.deleteText} {t.memories.deleteUndo}
      </Confirm>
    </>
  );
}
