import { Badge } from "@/components/ui/card";
import { Switch } from "@/components/ui/switch";
import { useT } from "@/i18n";
import { OWN_APP } from "@/lib/activity";
import { appName } from "@/lib/apps";

import { useSetActive } from "../mutations";
import type { App } from "../queries";

/** Lets an app call, or refuses it; its memories stay. */
export function Pause({ app }: { app: App }) {
  const t = useT();
  const setActive = useSetActive(app);
  // Paused, this page could show nothing any more.
  if (app.name === OWN_APP) return <Badge>{t.apps.own}</Badge>;
  return (
    <Switch
      className="relative z-10"
      checked={app.is_active}
      disabled={setActive.isPending}
      aria-label={t.apps.toggle(appName(t, app.name))}
      onCheckedChange={(active) => setActive.mutate(active)}
    />
  );
}
