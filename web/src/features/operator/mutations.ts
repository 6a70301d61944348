import { useMutation } from "@tanstack/react-query";

import { api, ok } from "@/api/client";
import { stale } from "@/api/keys";
import { toast } from "@/components/ui/toast";
import { useT } from "@/i18n";

/** Jobs that failed for good are tried again. */
export const useRevive = () => {
  const t = useT();
  return useMutation({
    mutationFn: () => ok(api.POST("/api/v1/admin/jobs/revive")),
    onSuccess: ({ revived }) => toast(t.operator.revived(revived)),
    meta: { stale: stale.jobs },
  });
};
