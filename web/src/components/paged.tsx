import type { ReactNode } from "react";

import { useT } from "@/i18n";
import { cn } from "@/lib/cn";

import { Button } from "./ui/button";

/** Turns the pages of a list; nothing where there is one page. */
export function Turn({
  page,
  size,
  total,
  turn,
  className,
  children,
}: {
  page: number;
  size: number;
  total: number;
  turn: (page: number) => void;
  className?: string;
  children?: ReactNode;
}) {
  const t = useT();
  if (total <= size) return null;
  return (
    <div className={cn("flex justify-between", className)}>
      <Button size="sm" variant="outline" disabled={page === 1} onClick={() => turn(page - 1)}>
        {t.common.previous}
      </Button>
      {children}
      <Button size="sm" variant="outline" disabled={page * size >= total} onClick={() => turn(page + 1)}>
        {t.common.next}
      </Button>
    </div>
  );
}

/** Asks for the next part of a list that is read in parts. */
export function More({ query }: { query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown } }) {
  const t = useT();
  if (!query.hasNextPage) return null;
  return (
    <Button variant="outline" className="mt-4" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
      {t.common.more}
    </Button>
  );
}
