import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, ok } from "@/api/client";
import type { App } from "@/api/queries";
import { useT } from "@/i18n";
import { OWN_APP } from "@/lib/activity";
import { appName } from "@/lib/apps";

import { useProblem } from "@/components/states";
import { Badge } from "@/components/ui/card";
import { Switch } from "@/components/ui/switch";
import { toast } from "@/components/ui/toast";

/** Lets an app call, or refuses it; its memories stay. */
export function Pause({ app }: { app: App }) {
  const t = useT();
  const client = useQueryClient();
  const problem = useProblem();
  const [busy, setBusy] = useState(false);
  // Paused, this page could show nothing any more.
  if (app.name === OWN_APP) return <Badge>{t.apps.own}</Badge>;
  const name = appName(t, app.name);
  const change = async (active: boolean) => {
    setBusy(true);
    try {
      await ok(api.PUT("/api/v1/apps/{app_id}", { params: { path: { app_id: app.id }, query: { is_active: active } } }));
      toast(active ? t.apps.resumedToast(name) : t.apps.pausedToast(name));
    } catch (failure) {
      toast(problem(failure), { danger: true });
    } finally {
      await client.invalidateQueries({ queryKey: ["apps"] });
      setBusy(false);
    }
  };
  return (
    <Switch
      className="relative z-10"
      checked={app.is_active}
      disabled={busy}
      aria-label={t.apps.toggle(name)}
      onCheckedChange={(active) => void change(active)}
    />
  );
}
