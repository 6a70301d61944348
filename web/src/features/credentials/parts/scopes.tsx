import { Checkbox } from "@/components/ui/checkbox";
import { useT } from "@/i18n";

/** What a credential opens unless its maker says otherwise. */
export const USUAL = ["memory:read", "memory:write", "memory:delete"];
/** What the address of a client may open. */
export const OF_CLIENTS = [...USUAL, "memory:delete_all"];
/** What a key may open. */
export const OF_KEYS = [...OF_CLIENTS, "account:manage"];

/** Asks what a credential shall open. */
export function Scopes({ offered, chosen, choose }: { offered: string[]; chosen: string[]; choose: (scopes: string[]) => void }) {
  const t = useT();
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1.5 text-sm font-medium">{t.connect.scopes}</legend>
      {offered.map((scope) => (
        <label key={scope} className="flex items-center gap-2.5 text-sm">
          <Checkbox
            checked={chosen.includes(scope)}
            onCheckedChange={(on) => choose(on === true ? [...chosen, scope] : chosen.filter((each) => each !== scope))}
          />
          {t.connect.scope[scope]}
        </label>
      ))}
    </fieldset>
  );
}
