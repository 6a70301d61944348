import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";

import { useT } from "@/i18n";

import { Button } from "./ui/button";
import { toast } from "./ui/toast";

/** Copies a text, also where the page has no clipboard API (plain HTTP). */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.setAttribute("readonly", "");
    (document.querySelector("[role=dialog]") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

export function CopyButton({
  text,
  label,
  className,
  copied: told,
}: {
  text: string;
  label?: string;
  className?: string;
  copied?: (() => void) | undefined;
}) {
  const t = useT();
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 2000);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = async () => {
    if (!(await copied(text))) return toast(t.common.copyFailed, { danger: true });
    setDone(true);
    told?.();
  };
  return (
    <Button size="sm" variant="outline" className={className} onClick={() => void copy()}>
      {done ? <Check /> : <Copy />}
      <span aria-live="polite">{done ? t.common.copied : (label ?? t.common.copy)}</span>
    </Button>
  );
}

/** A text to paste elsewhere; tells when it was copied, by the button or by hand. */
export function Code({ text, label, copied: told }: { text: string; label: string; copied?: () => void }) {
  return (
    <div className="rounded-xl border bg-muted">
      <pre
        tabIndex={0}
        aria-label={label}
        onCopy={told}
        className="max-h-72 overflow-auto p-3 font-mono text-xs leading-relaxed break-all whitespace-pre-wrap"
      >
        {text}
      </pre>
      <div className="flex justify-end border-t p-2">
        <CopyButton text={text} copied={told} />
      </div>
    </div>
  );
}
