import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { api, ok } from "@/api/client";
import { session } from "@/api/session";
import { Confirm } from "@/components/confirm";
import { Button } from "@/components/ui/button";
import { Card, CardTitle } from "@/components/ui/card";
import { toast } from "@/components/ui/toast";
import { useT } from "@/i18n";

export function EraseAccount() {
  const t = useT();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const erase = async () => {
    await ok(api.DELETE("/api/v1/account", { body: { confirm: true } }));
    await session.signOut();
    toast(t.settings.deleted);
    await navigate({ to: "/" });
  };
  return (
    <Card className="border-danger/40">
      <CardTitle>{t.settings.danger}</CardTitle>
      <p className="mt-1 max-w-2xl text-sm text-subtle">{t.settings.dangerText}</p>
      <Button variant="danger" className="mt-4" onClick={() => setAsking(true)}>
        {t.settings.deleteAccount}
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={t.settings.deleteTitle}
        action={t.settings.deleteAccount}
        word={t.settings.deleteWord}
        run={erase}
      >
        {t.settings.deleteText}
      </Confirm>
    </Card>
  );
}
