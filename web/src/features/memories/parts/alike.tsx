import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Layers } from "lucide-react";
import { useId, useState } from "react";

import { Of } from "@/components/states";
import { Button } from "@/components/ui/button";
import { alikeQuery } from "@/features/memory/queries";
import { useT } from "@/i18n";
import { appName } from "@/lib/apps";
import { useFormat } from "@/lib/format";

/** The older memories that say the same and are folded under one; opened on demand. */
export function Alike({ id, count }: { id: string; count: number }) {
  const t = useT();
  const format = useFormat();
  const list = useId();
  const [open, setOpen] = useState(false);
  const alike = useQuery({ ...alikeQuery(id), enabled: open });
  return (
    <div className="relative z-10 mt-1 text-xs">
      <Button
        variant="link"
        size="sm"
        className="h-7 px-0 text-xs"
        aria-expanded={open}
        aria-controls={list}
        onClick={() => setOpen(!open)}
      >
        <Layers />
        {open ? t.memories.alikeHide : t.memories.alike(count)}
      </Button>
      <div id={list} hidden={!open}>
        {open && (
          <Of query={alike} height="h-10">
            {(memories) => (
              <div className="grid gap-1 border-l-2 pl-3">
                {memories.map((memory) => (
                  <Link
                    key={memory.id}
                    to="/memories/$id"
                    params={{ id: memory.id }}
                    preload={false}
                    className="grid rounded-md px-2 py-1 hover:bg-muted"
                  >
                    <span className="memory-text line-clamp-2 text-sm">{memory.content}</span>
                    <span className="text-subtle">
                      {appName(t, memory.app_name)} · {format.ago(memory.created_at)}
                    </span>
                  </Link>
                ))}
              </div>
            )}
          </Of>
        )}
      </div>
    </div>
  );
}
