import { useMutation } from "@tanstack/react-query";

import { api, ok } from "@/api/client";
import { stale } from "@/api/keys";
import { toast } from "@/components/ui/toast";
import { useT } from "@/i18n";
import { appName } from "@/lib/apps";

import type { App } from "./queries";

/** Lets an app call, or refuses it. */
export const useSetActive = ({ id, name }: App) => {
  const t = useT();
  return useMutation({
    mutationFn: (is_active: boolean) => ok(api.PUT("/api/v1/apps/{app_id}", { params: { path: { app_id: id }, query: { is_active } } })),
    onSuccess: (_, active) => toast((active ? t.apps.resumedToast : t.apps.pausedToast)(appName(t, name))),
    meta: { stale: stale.apps, wait: true },
  });
};
