import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { config } from "@/api/config";
import { Confirm } from "@/components/confirm";
import { Button } from "@/components/ui/button";
import { Card, CardTitle } from "@/components/ui/card";
import { Field, Input } from "@/components/ui/field";
import { toast } from "@/components/ui/toast";
import { useT } from "@/i18n";

import { useErase } from "../mutations";

export function EraseAccount() {
  const t = useT();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const [password, setPassword] = useState("");
  // Where another provider signs people in, there is no password of ours: a sign-in of the last minutes stands for it.
  const ours = config().supabase === null;
  const erasing = useErase();
  const erase = async () => {
    await erasing.mutateAsync(ours ? password : undefined);
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
        onOpenChange={(open) => {
          setPassword("");
          setAsking(open);
        }}
        title={t.settings.deleteTitle}
        action={t.settings.deleteAccount}
        word={t.settings.deleteWord}
        disabled={ours && password === ""}
        run={erase}
      >
        <p>{ours ? t.settings.deleteText : t.settings.deleteTextElsewhere}</p>
        {ours && (
          <div className="mt-4">
            <Field label={t.settings.currentPassword}>
              {(ids) => (
                <Input
                  {...ids}
                  type="password"
                  autoComplete="current-password"
                  value={password}
                  onChange={(event) => setPassword(event.target.value)}
                />
              )}
            </Field>
          </div>
        )}
      </Confirm>
    </Card>
  );
}
