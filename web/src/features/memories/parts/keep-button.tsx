import { Button } from "@/components/ui/button";
import { useT } from "@/i18n";

import { useKeep } from "../mutations";

/** One click keeps them. */
export function KeepButton({ ids, label, className }: { ids: string[]; label?: string; className?: string }) {
  const t = useT();
  const keep = useKeep();
  return (
    <Button size="sm" variant="outline" className={className} disabled={keep.isPending} onClick={() => keep.mutate(ids)}>
      {label ?? t.held.keep}
    </Button>
  );
}
