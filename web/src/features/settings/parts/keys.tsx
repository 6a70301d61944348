import { useQuery } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import * as v from "valibot";

import { Code } from "@/components/copy";
import { nameSchema } from "@/components/name-dialog";
import { Empty, Of, useProblem } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Badge, Card, CardTitle } from "@/components/ui/card";
import { Dialog, DialogActions, DialogClose, DialogContent, useGuard } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { useAddKey } from "@/features/credentials/mutations";
import { type Asked, CredentialDialogs } from "@/features/credentials/parts/dialogs";
import { OF_KEYS, Scopes, USUAL } from "@/features/credentials/parts/scopes";
import { SecretGuard } from "@/features/credentials/parts/secret-guard";
import { keysQuery, works } from "@/features/credentials/queries";
import { useT } from "@/i18n";
import { useForm } from "@/lib/form";
import { useFormat } from "@/lib/format";

const schema = v.object({ name: nameSchema, scopes: v.pipe(v.array(v.string()), v.minLength(1)) });

export function Keys() {
  const t = useT();
  const format = useFormat();
  const keys = useQuery(keysQuery);
  const [making, setMaking] = useState(false);
  const [asked, setAsked] = useState<Asked | null>(null);
  return (
    <Card>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div>
          <CardTitle>{t.settings.keys}</CardTitle>
          <p className="mt-1 text-sm text-subtle">{t.settings.keysLead}</p>
        </div>
        <Button onClick={() => setMaking(true)}>
          <Plus />
          {t.settings.newKey}
        </Button>
      </div>
      <div className="mt-4">
        <Of query={keys}>
          {(all) => {
            const shown = all.filter(works);
            return shown.length === 0 ? (
              <Empty icon={<KeyRound />} title={t.settings.keysEmpty} />
            ) : (
              <ul className="grid gap-2">
                {shown.map((key) => (
                  <li key={key.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-xl border px-4 py-3">
                    <div className="min-w-0 flex-1 basis-48">
                      <p className="truncate font-medium">{key.name}</p>
                      <p className="text-sm text-subtle">
                        {key.last_used_at ? `${t.connect.lastUsed} ${format.ago(key.last_used_at)}` : t.connect.notUsed} ·{" "}
                        {t.connect.created} {format.day(key.created_at)}
                      </p>
                      <p className="mt-1 flex flex-wrap gap-1">
                        {key.scopes.map((scope) => (
                          <Badge key={scope}>{t.connect.scope[scope] ?? scope}</Badge>
                        ))}
                        <Badge className="font-mono">{key.hint}…</Badge>
                      </p>
                    </div>
                    <div className="flex gap-2">
                      <Button
                        size="sm"
                        variant="outline"
                        aria-label={`${t.common.rename}: ${key.name}`}
                        onClick={() => setAsked({ to: "rename", of: key })}
                      >
                        {t.common.rename}
                      </Button>
                      <Button
                        size="sm"
                        variant="danger-outline"
                        aria-label={`${t.connect.revoke}: ${key.name}`}
                        onClick={() => setAsked({ to: "revoke", of: key })}
                      >
                        {t.connect.revoke}
                      </Button>
                    </div>
                  </li>
                ))}
              </ul>
            );
          }}
        </Of>
      </div>
      <Dialog open={making} onOpenChange={setMaking}>
        {making && <NewKey close={() => setMaking(false)} />}
      </Dialog>
      <CredentialDialogs asked={asked} close={() => setAsked(null)} list="keys" renameTitle={t.settings.renameKey} />
    </Card>
  );
}

/** Makes a key and shows it once. It is gone with the dialog. */
function NewKey({ close }: { close: () => void }) {
  const t = useT();
  const problem = useProblem();
  const [copied, setCopied] = useState(false);
  const { values, set, changed, fits, bind, onSubmit } = useForm(schema, { name: "", scopes: USUAL });
  const add = useAddKey();
  useGuard(!add.data && changed, "unsaved");
  if (add.data) {
    return (
      <DialogContent title={values.name}>
        <p className="mb-4 rounded-xl bg-warning-soft px-4 py-3 text-sm text-warning">{t.settings.keyOnce}</p>
        <Code text={add.data.api_key} label={t.settings.keys} copied={() => setCopied(true)} />
        <SecretGuard losing={!copied} />
        <DialogActions>
          <Button onClick={close}>{t.connect.close}</Button>
        </DialogActions>
      </DialogContent>
    );
  }
  return (
    <DialogContent title={t.settings.newKey}>
      <form className="grid gap-4" onSubmit={onSubmit((key) => add.mutate(key))}>
        <Field label={t.settings.keyName} error={add.error && problem(add.error)}>
          {(ids) => <Input {...ids} {...bind("name")} required maxLength={100} />}
        </Field>
        <Scopes offered={OF_KEYS} chosen={values.scopes} choose={(scopes) => set({ scopes })} />
        <DialogActions>
          <DialogClose asChild>
            <Button variant="outline">{t.common.cancel}</Button>
          </DialogClose>
          <Button type="submit" disabled={add.isPending || !fits}>
            {t.common.create}
          </Button>
        </DialogActions>
      </form>
    </DialogContent>
  );
}
