import { useId } from "react";

import { Switch } from "@/components/ui/switch";
import { useT } from "@/i18n";
import { cn } from "@/lib/cn";

/** What no program gets before somebody switches it on. */
const GRAVE = new Set(["memory:delete_all", "account:manage"]);
/** What a program is let in for. */
const FIXED = "memory:read";

/** What is switched on at first, of what was asked for. */
export const harmless = (asked: readonly string[]): string[] => asked.filter((scope) => !GRAVE.has(scope));

/** What a program asks to be allowed, each to be switched on or off. */
export function Permissions({ asked, chosen, choose }: { asked: readonly string[]; chosen: string[]; choose: (scopes: string[]) => void }) {
  const t = useT();
  const id = useId();
  return (
    <fieldset>
      <legend className="mb-2 text-sm font-medium">{t.authorize.may}</legend>
      <ul className="grid divide-y overflow-hidden rounded-xl border">
        {asked.map((scope) => {
          const on = chosen.includes(scope);
          const [label, text] = t.authorize.scope[scope] ?? [scope, ""];
          return (
            <li key={scope} className={cn("flex items-center gap-4 px-4 py-3", on && GRAVE.has(scope) && "bg-danger-soft")}>
              <label htmlFor={`${id}${scope}`} className={cn("min-w-0 flex-1", scope !== FIXED && "cursor-pointer")}>
                <span className="block text-sm font-medium">{label}</span>
                <span className={cn("block text-sm", on && GRAVE.has(scope) ? "text-danger" : "text-subtle")}>{text}</span>
              </label>
              <Switch
                id={`${id}${scope}`}
                aria-label={label}
                checked={on}
                disabled={scope === FIXED}
                onCheckedChange={(next) => choose(asked.filter((each) => (each === scope ? next : chosen.includes(each))))}
              />
            </li>
          );
        })}
      </ul>
    </fieldset>
  );
}
