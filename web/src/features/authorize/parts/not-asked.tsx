import { Link } from "@tanstack/react-router";
import { CircleSlash } from "lucide-react";

import { ApiError } from "@/api/error";
import { useProblem } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n";

import { Panel } from "./panel";

/** Why nothing is asked, and what to do. */
export function NotAsked({
  error,
  code,
  retry,
  taken = false,
}: {
  error: unknown;
  code: string | null;
  retry: () => void;
  taken?: boolean;
}) {
  const t = useT();
  const problem = useProblem();
  const status = error instanceof ApiError ? error.status : -1;
  const gone = status === 404 && !(error instanceof ApiError && error.code === "disabled");
  const [title, text] = gone
    ? code === null
      ? [t.authorize.goneTitle, t.authorize.gone]
      : [t.authorize.goneCodeTitle(code), t.authorize.goneCode]
    : status === 429
      ? [t.authorize.tooManyTitle, t.authorize.tooMany]
      : [t.authorize.failedTitle, problem(error)];
  return (
    <Panel title={title} icon={<CircleSlash aria-hidden className="size-7 shrink-0 text-subtle" />} taken={taken}>
      <p role="alert" className="text-sm text-subtle">
        {text}
      </p>
      {code !== null && gone ? (
        <Button asChild className="justify-self-start">
          <Link to="/device">{t.authorize.codeAgain}</Link>
        </Button>
      ) : (
        !gone && (
          <Button className="justify-self-start" onClick={retry}>
            {t.common.retry}
          </Button>
        )
      )}
    </Panel>
  );
}
