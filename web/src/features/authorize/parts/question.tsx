import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { InferOutput } from "valibot";

import { ApiError } from "@/api/error";
import { session } from "@/api/session";
import { Wrong } from "@/components/states";
import { Button } from "@/components/ui/button";
import { meQuery } from "@/features/account/queries";
import { EXPIRY } from "@/features/credentials/expiry";
import { Bounds } from "@/features/credentials/parts/bounds";
import { useT } from "@/i18n";
import { useForm } from "@/lib/form";

import { useDecide } from "../mutations";
import type { Request } from "../queries";
import { decisionSchema } from "../schema";
import { Panel } from "./panel";
import { Permissions, harmless } from "./permissions";
import { Terminal, Who } from "./who";

export interface Answer {
  allowed: boolean;
  /** Where the program waits for it; null where it finds out by itself. */
  to: string | null;
}

/** Asks whether a program may use the memory. Nothing happens before one of the two buttons is pressed. */
export function Question({
  id,
  code,
  asked,
  answered,
  look,
}: {
  id: string;
  /** What the terminal shows, where one asks. */
  code: string | null;
  asked: Request;
  answered: (answer: Answer) => void;
  /** Looks whether the question is still open. */
  look: () => void;
}) {
  const t = useT();
  const device = asked.kind === "device";
  const decide = useDecide(id);
  const settled = useSettled();
  const { values, set, fits, bind, onSubmit } = useForm(decisionSchema, {
    scopes: harmless(asked.scopes),
    project: "",
    expiry: "never",
  });
  const say = (body: Parameters<typeof decide.mutate>[0]) =>
    decide.mutate(body, {
      onSuccess: ({ redirect_to }) => answered({ allowed: body.approve, to: redirect_to ?? null }),
      onError: (error) => error instanceof ApiError && error.status === 404 && look(),
    });
  const allow = ({ scopes, project, expiry }: InferOutput<typeof decisionSchema>) =>
    say({ approve: true, scopes, project: project || null, expires_in_days: EXPIRY[expiry] || null });
  const borrowed = Boolean(asked.client.imitates);
  return (
    <Panel title={device ? t.authorize.titleDevice : t.authorize.title}>
      {device ? <Terminal code={code ?? id} /> : <Who asked={asked} />}
      <form className="grid gap-5" onSubmit={onSubmit(allow)}>
        <Permissions asked={asked.scopes} chosen={values.scopes} choose={(scopes) => set({ scopes })} />
        <Bounds
          bind={bind}
          labels={{ project: t.authorize.project, expires: t.authorize.ends }}
          {...(device ? {} : { never: t.authorize.whileUsed })}
          {...(device || values.expiry !== "never" ? {} : { hint: t.authorize.whileUsedHint })}
        />
        <Account />
        <Wrong error={decide.error} className="rounded-xl bg-danger-soft px-4 py-3" />
        <div className="grid gap-3">
          <div className="grid grid-cols-2 gap-3">
            <Button
              size="lg"
              variant={borrowed ? "default" : "outline"}
              disabled={decide.isPending}
              onClick={() => say({ approve: false })}
            >
              {t.authorize.refuse}
            </Button>
            <Button
              type="submit"
              size="lg"
              variant={borrowed ? "danger-outline" : "default"}
              disabled={decide.isPending || !fits || !settled}
            >
              {t.authorize.allow}
            </Button>
          </div>
          {!device && <p className="text-center text-sm text-subtle">{t.authorize.takeBack}</p>}
        </div>
      </form>
    </Panel>
  );
}

/** Who is signed in, with a way to be somebody else. */
function Account() {
  const t = useT();
  const me = useQuery(meQuery);
  return (
    <div className="flex items-end justify-between gap-4 border-t pt-4 text-sm">
      <p className="min-w-0 text-subtle">
        {t.authorize.signedInAs}
        <span className="block font-medium wrap-anywhere text-foreground">{me.data?.email ?? me.data?.user_id}</span>
      </p>
      <Button variant="link" size="sm" className="h-auto px-0 py-0" onClick={() => void session.signOut()}>
        {t.authorize.notYou}
      </Button>
    </div>
  );
}

/** How long the question has to be seen before it can be allowed, in milliseconds. */
const SEEN = 700;

/** False at first, and just after the window came to the front: a click that was meant for another window allows nothing. */
function useSettled(): boolean {
  const [settled, setSettled] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const begin = () => {
      clearTimeout(timer);
      setSettled(false);
      timer = setTimeout(() => setSettled(true), SEEN);
    };
    begin();
    addEventListener("focus", begin);
    return () => {
      clearTimeout(timer);
      removeEventListener("focus", begin);
    };
  }, []);
  return settled;
}
