import { useQueryClient } from "@tanstack/react-query";

import type { Credential } from "@/api/queries";
import { useT } from "@/i18n";

import { Confirm } from "./confirm";
import { NameDialog } from "./name-dialog";
import { Dialog } from "./ui/dialog";
import { toast } from "./ui/toast";

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
            name={renaming.name}
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
        title={t.connect.revokeTitle(revoking?.name ?? "")}
        action={t.connect.revoke}
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
