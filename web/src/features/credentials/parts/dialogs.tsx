import { Confirm } from "@/components/confirm";
import { NameDialog } from "@/components/name-dialog";
import { Dialog } from "@/components/ui/dialog";
import { toast } from "@/components/ui/toast";
import { useT } from "@/i18n";

import { type Kept, useRename, useRevoke } from "../mutations";
import { type AnyCredential, titleOf } from "../queries";

/** What is to happen to which credential. */
export interface Asked {
  to: "rename" | "revoke";
  of: AnyCredential;
}

/** Asks for another name of a credential, or whether it shall end; `list` is where it is listed. */
export function CredentialDialogs({
  asked,
  close,
  list,
  renameTitle,
}: {
  asked: Asked | null;
  close: () => void;
  list: Kept;
  renameTitle: string;
}) {
  const t = useT();
  const rename = useRename(list);
  const revoke = useRevoke(list);
  const words = list === "grants" ? t.connect.showOut : t.connect.revoking;
  const change = (open: boolean) => !open && close();
  const renaming = asked?.to === "rename" ? asked.of : null;
  const revoking = asked?.to === "revoke" ? asked.of : null;
  return (
    <>
      <Dialog open={renaming !== null} onOpenChange={change}>
        {renaming && (
          <NameDialog
            title={renameTitle}
            name={titleOf(renaming)}
            save={async (name) => {
              await rename.mutateAsync({ id: renaming.id, name });
              close();
            }}
          />
        )}
      </Dialog>
      <Confirm
        open={revoking !== null}
        onOpenChange={change}
        title={words.title(revoking ? titleOf(revoking) : "")}
        action={words.action}
        final
        run={async () => {
          if (!revoking) return;
          await revoke.mutateAsync(revoking.id);
          toast(words.done);
        }}
      >
        {words.text}
      </Confirm>
    </>
  );
}
