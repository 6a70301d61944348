import { useQueryClient } from "@tanstack/react-query";

import type { Credential } from "@/api/queries";
import { useT } from "@/i18n";
import { nameOf } from "@/lib/clients";

import { Confirm } from "@/components/confirm";
import { NameDialog } from "@/components/name-dialog";
import { Dialog } from "@/components/ui/dialog";
import { toast } from "@/components/ui/toast";

/** What a credential is called: by its name, or as the client that it is for. */
export const titleOf = ({ name, client }: Credential) => (name === client ? nameOf(client) : name);

/** What is to happen to which credential. */
export interface Asked {
  to: "rename" | "revoke";
  of: Credential;
}

/** Asks for another name of a credential, or whether it shall end; `list` is where it is listed. */
export function CredentialDialogs({
  asked,
  close,
  list,
  renameTitle,
  rename,
  revoke,
}: {
  asked: Asked | null;
  close: () => void;
  list: "endpoints" | "keys";
  renameTitle: string;
  rename: (id: string, name: string) => Promise<unknown>;
  revoke: (id: string) => Promise<unknown>;
}) {
  const t = useT();
  const client = useQueryClient();
  const change = (open: boolean) => !open && close();
  const renaming = asked?.to === "rename" ? asked.of : null;
  const revoking = asked?.to === "revoke" ? asked.of : null;
  const stale = () => client.invalidateQueries({ queryKey: [list] });
  return (
    <>
      <Dialog open={renaming !== null} onOpenChange={change}>
        {renaming && (
          <NameDialog
            title={renameTitle}
            name={titleOf(renaming)}
            save={async (name) => {
              await rename(renaming.id, name);
              close();
              await stale();
            }}
          />
        )}
      </Dialog>
      <Confirm
        open={revoking !== null}
        onOpenChange={change}
        title={t.connect.revokeTitle(revoking ? titleOf(revoking) : "")}
        action={t.connect.revoke}
        final
        run={async () => {
          if (!revoking) return;
          await revoke(revoking.id);
          await stale();
          toast(t.connect.revokedToast);
        }}
      >
        {t.connect.revokeText}
      </Confirm>
    </>
  );
}
