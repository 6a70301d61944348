import { Plug } from "lucide-react";

import { useT } from "@/i18n";
import { CLIENTS, type ClientKind } from "@/lib/clients";

/** The programs to choose from. */
export function ClientChoice({ choose }: { choose: (kind: ClientKind | "other") => void }) {
  const t = useT();
  return (
    <ul className="grid grid-cols-2 gap-2 sm:grid-cols-3">
      {CLIENTS.map((kind) => (
        <li key={kind.id}>
          <button
            type="button"
            onClick={() => choose(kind)}
            className="flex h-full w-full items-center gap-2.5 rounded-xl border bg-surface px-3 py-3 text-left text-sm font-medium hover:border-primary hover:bg-accent hover:text-on-accent"
          >
            <Plug className="size-4 shrink-0 text-primary" aria-hidden />
            {kind.name}
          </button>
        </li>
      ))}
      <li className="col-span-2 sm:col-span-3">
        <button
          type="button"
          onClick={() => choose("other")}
          className="w-full rounded-xl border border-dashed border-control px-3 py-3 text-left text-sm hover:border-primary hover:bg-accent hover:text-on-accent"
        >
          <span className="font-medium">{t.connect.any}</span>
          <span className="block text-subtle">{t.connect.anyHint}</span>
        </button>
      </li>
    </ul>
  );
}
