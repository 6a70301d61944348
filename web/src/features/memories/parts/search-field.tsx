import { Search, X } from "lucide-react";
import { type RefObject } from "react";

import { Input } from "@/components/ui/field";
import { useT } from "@/i18n";

/** The words that are searched for. */
export function SearchField({
  ref,
  typed,
  type,
  down,
}: {
  ref: RefObject<HTMLInputElement | null>;
  typed: string;
  type: (words: string) => void;
  /** Into the list. */
  down: () => void;
}) {
  const t = useT();
  return (
    <div className="relative flex-1">
      <Search className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-subtle" aria-hidden />
      <Input
        ref={ref}
        type="search"
        value={typed}
        onChange={(event) => type(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") type("");
          if (event.key === "ArrowDown") {
            event.preventDefault();
            down();
          }
        }}
        aria-label={t.memories.search}
        placeholder={t.memories.searchPlaceholder}
        className="h-11 pr-10 pl-9 [&::-webkit-search-cancel-button]:hidden"
      />
      {typed && (
        <button
          type="button"
          aria-label={t.memories.clear}
          onClick={() => {
            type("");
            ref.current?.focus();
          }}
          className="absolute top-1/2 right-2 grid size-7 -translate-y-1/2 place-items-center rounded-md text-subtle hover:bg-muted"
        >
          <X className="size-4" />
        </button>
      )}
    </div>
  );
}
