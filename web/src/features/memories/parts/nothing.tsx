import { Link } from "@tanstack/react-router";
import { Brain, Check, SearchX } from "lucide-react";

import { Empty } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n";

/** In the place of a list without rows: `held` back is nothing, nothing was `found`, or there is no memory yet. */
export function Nothing({ why, reason, add }: { why: "held" | "found" | "yet"; reason: string | null; add: () => void }) {
  const t = useT();
  if (why === "held") {
    return (
      <Empty icon={<Check />} title={t.held.noneTitle}>
        {t.held.none}
      </Empty>
    );
  }
  if (why === "found") {
    return (
      <Empty icon={<SearchX />} title={t.memories.noneTitle}>
        {(reason && reason !== "nothing_relevant" && t.memories.reason[reason]) || t.memories.none}
      </Empty>
    );
  }
  return (
    <Empty
      icon={<Brain />}
      title={t.memories.emptyTitle}
      action={
        <div className="flex flex-wrap justify-center gap-2">
          <Button asChild>
            <Link to="/connect">{t.memories.connect}</Link>
          </Button>
          <Button variant="outline" onClick={add}>
            {t.memories.add}
          </Button>
          <Button asChild variant="outline">
            <Link to="/settings" search={{ tab: "data" }}>
              {t.memories.import}
            </Link>
          </Button>
        </div>
      }
    >
      {t.memories.empty}
    </Empty>
  );
}
