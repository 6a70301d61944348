import { Link } from "@tanstack/react-router";

import { Card, CardTitle } from "@/components/ui/card";
import { useT } from "@/i18n";

import type { Memory } from "../queries";

/** What it was taken from, where nobody said it in these words. */
export function Source({ memory }: { memory: Memory }) {
  const t = useT();
  const { source } = memory;
  if (!source) return null;
  const { quote, session_id: session, message } = source;
  return (
    <Card>
      <CardTitle>{t.memory.source}</CardTitle>
      <p className="mt-1 text-sm text-subtle">{quote ? t.memory.sourceText : t.memory.sourceNone}</p>
      {quote && <blockquote className="memory-text mt-2 border-l-2 pl-3">{quote}</blockquote>}
      {(session || typeof message === "number") && (
        <p className="mt-2 flex flex-wrap gap-x-3 text-sm text-subtle">
          {session && (
            <Link to="/memories" search={{ session }} className="text-primary underline underline-offset-4">
              {t.memory.sameConversation}
            </Link>
          )}
          {typeof message === "number" && t.memory.message(String(message + 1))}
        </p>
      )}
    </Card>
  );
}

/** Addresses in the text, as text: whoever wrote the memory chose where they lead. */
export function Links({ text }: { text: string }) {
  const t = useT();
  const links = [...new Set(text.match(/\bhttps?:\/\/[^\s<>"')\]]+/g) ?? [])];
  if (links.length === 0) return null;
  return (
    <Card>
      <CardTitle>{t.memory.links}</CardTitle>
      <p className="mt-1 text-sm text-subtle">{t.memory.linksHint}</p>
      <ul className="mt-2 grid gap-1 font-mono text-xs break-all">
        {links.map((link) => (
          <li key={link}>{link}</li>
        ))}
      </ul>
    </Card>
  );
}
