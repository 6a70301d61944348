import { useQuery } from "@tanstack/react-query";
import { LogOut } from "lucide-react";
import { useState } from "react";

import { session } from "@/api/session";
import { Confirm } from "@/components/confirm";
import { Of } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Card, CardTitle } from "@/components/ui/card";
import { meQuery } from "@/features/account/queries";
import { useT } from "@/i18n";

export function Profile() {
  const t = useT();
  const me = useQuery(meQuery);
  const [leaving, setLeaving] = useState(false);
  return (
    <Card>
      <CardTitle>{t.settings.profile}</CardTitle>
      <Of query={me} height="h-20">
        {({ email, user_id }) => (
          <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-6 gap-y-2 text-sm">
            <dt className="text-subtle">{t.settings.email}</dt>
            <dd className="break-all">{email ?? t.settings.noEmail}</dd>
            <dt className="text-subtle">{t.settings.userId}</dt>
            <dd className="font-mono text-xs leading-5 break-all">{user_id}</dd>
          </dl>
        )}
      </Of>
      <div className="mt-5 flex flex-wrap gap-2">
        <Button variant="outline" onClick={() => void session.signOut()}>
          <LogOut />
          {t.nav.signOut}
        </Button>
        <Button variant="danger-outline" onClick={() => setLeaving(true)}>
          {t.settings.signOutEverywhere}
        </Button>
      </div>
      <Confirm
        open={leaving}
        onOpenChange={setLeaving}
        title={t.settings.signOutEverywhere}
        action={t.settings.signOutEverywhere}
        final
        run={() => session.signOut(true)}
      >
        {t.settings.signOutEverywhereText}
      </Confirm>
    </Card>
  );
}
