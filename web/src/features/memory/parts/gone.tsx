import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { RotateCcw, Trash2 } from "lucide-react";

import { keys } from "@/api/keys";
import { Empty, Loading } from "@/components/states";
import { Button } from "@/components/ui/button";
import { toast } from "@/components/ui/toast";
import { useRecover } from "@/features/memories/mutations";
import { useT } from "@/i18n";
import { useFormat } from "@/lib/format";

import { deletedQuery } from "../queries";

/** What was deleted can be brought back for a while; of everything else there is nothing to say. */
export function Gone({ id }: { id: string }) {
  const t = useT();
  const format = useFormat();
  const client = useQueryClient();
  const deleted = useQuery(deletedQuery(id));
  const recover = useRecover(async () => {
    await client.resetQueries({ queryKey: keys.memory.one(id) });
    toast(t.memories.restored(1));
  });
  if (deleted.isPending) return <Loading />;
  if (!deleted.data) return <Empty title={t.memory.gone} />;
  const { content, deleted_at } = deleted.data;
  return (
    <Empty
      icon={<Trash2 />}
      title={t.memory.deleted(deleted_at ? format.ago(deleted_at) : "")}
      action={
        <div className="flex flex-wrap justify-center gap-2">
          <Button onClick={() => recover.mutate([id])}>
            <RotateCcw />
            {t.memories.restore}
          </Button>
          <Button asChild variant="outline">
            <Link to="/memories" search={{ state: "deleted" }}>
              {t.memory.deletedAll}
            </Link>
          </Button>
        </div>
      }
    >
      <p>{t.memory.deletedText}</p>
      <p className="memory-text mt-3 line-clamp-6 text-foreground">{content}</p>
    </Empty>
  );
}
