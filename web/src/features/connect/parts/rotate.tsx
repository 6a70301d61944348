import { useState } from "react";

import { Wrong } from "@/components/states";
import { Button } from "@/components/ui/button";
import { DialogActions, DialogClose, DialogContent } from "@/components/ui/dialog";
import { Field, Select } from "@/components/ui/field";
import { useRotateEndpoint } from "@/features/credentials/mutations";
import { type Credential, titleOf } from "@/features/credentials/queries";
import { useT } from "@/i18n";

import type { NewEndpoint } from "./new-endpoint";

/** Gives a client another link; the old one may work for a while. */
export function Rotate({ endpoint, rotated }: { endpoint: Credential; rotated: (endpoint: NewEndpoint) => void }) {
  const t = useT();
  const [grace, setGrace] = useState("0");
  const rotate = useRotateEndpoint(endpoint.id, rotated);
  return (
    <DialogContent title={t.connect.rotateTitle(titleOf(endpoint))} description={t.connect.rotateText}>
      <Field label={t.connect.rotateGrace}>
        {(ids) => (
          <Select {...ids} value={grace} onChange={(event) => setGrace(event.target.value)}>
            {Object.entries(t.connect.graces).map(([secs, label]) => (
              <option key={secs} value={secs}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Wrong error={rotate.error} className="mt-3" />
      <DialogActions>
        <DialogClose asChild>
          <Button variant="outline">{t.common.cancel}</Button>
        </DialogClose>
        <Button disabled={rotate.isPending} onClick={() => rotate.mutate(Number(grace))}>
          {t.connect.rotate}
        </Button>
      </DialogActions>
    </DialogContent>
  );
}
