import { useMutation } from "@tanstack/react-query";

import { type Schemas, api, ok } from "@/api/client";
import { stale } from "@/api/keys";
import { toast } from "@/components/ui/toast";

import { useTexts } from "./texts";

/** Jobs that failed for good are tried again. */
export const useRevive = () => {
  const words = useTexts();
  return useMutation({
    mutationFn: () => ok(api.POST("/api/v1/admin/jobs/revive")),
    onSuccess: ({ revived }) => toast(words.revived(revived)),
    meta: { stale: stale.jobs },
  });
};

/** Another plan for an account, or limits of its own. The dialog tells what failed. */
export const useGrant = (tenant: string) =>
  useMutation({
    mutationFn: (body: Schemas["GrantIn"]) =>
      ok(api.PUT("/api/v1/admin/accounts/{tenant_id}/subscription", { params: { path: { tenant_id: tenant } }, body })),
    meta: { stale: stale.granted, inline: true },
  });

/** Notes what became of an invoice. */
export const useSettle = (tenant: string) =>
  useMutation({
    mutationFn: ({ id, state }: { id: string; state: string }) =>
      ok(
        api.PUT("/api/v1/admin/accounts/{tenant_id}/invoices/{invoice_id}", {
          params: { path: { tenant_id: tenant, invoice_id: id } },
          body: { state },
        }),
      ),
    meta: { stale: stale.granted, wait: true },
  });
