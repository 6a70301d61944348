import { CircleCheck, CircleSlash } from "lucide-react";

import { useT } from "@/i18n";

import type { Request } from "../queries";
import { Panel } from "./panel";
import type { Answer } from "./question";

/** What stays in the window after the answer: not every program's address opens in a browser. */
export function Answered({ asked, answer }: { asked: Request; answer: Answer }) {
  const t = useT();
  const { allowed, to } = answer;
  const device = asked.kind === "device";
  const title = !allowed ? t.authorize.refused : device ? t.authorize.allowedDevice : t.authorize.allowed(asked.client.name);
  const Icon = allowed ? CircleCheck : CircleSlash;
  return (
    <Panel title={title} icon={<Icon aria-hidden className={`size-7 shrink-0 ${allowed ? "text-primary" : "text-subtle"}`} />} taken>
      <div role="status" className="grid gap-2 text-sm text-subtle">
        {device && <p>{allowed ? t.authorize.allowedDeviceText : t.authorize.refusedDevice}</p>}
        {!device && !allowed && <p>{t.authorize.refusedText}</p>}
        {to !== null && (
          <>
            <p>
              {t.authorize.leave}{" "}
              <a href={to} className="font-medium wrap-anywhere text-primary underline underline-offset-4">
                {asked.redirect_host ?? t.authorize.program}
              </a>
              {t.authorize.back[1]}
            </p>
            <p>{t.authorize.mayNotOpen}</p>
          </>
        )}
      </div>
    </Panel>
  );
}
