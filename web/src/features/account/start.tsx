import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";

import { session } from "@/api/session";
import { useProblem } from "@/components/states";
import { useT } from "@/i18n";

/** The link of a server's first start: it signs in once. What stands behind `#` never travels to the server in an address. */
export function Start() {
  const t = useT();
  const problem = useProblem();
  const navigate = useNavigate();
  const [error, setError] = useState<unknown>(null);
  const begun = useRef(false);
  useEffect(() => {
    // The token works once: a second look at it would end the sign-in that the first one began.
    if (begun.current) return;
    begun.current = true;
    const token = location.hash.slice(1);
    history.replaceState(history.state, "", "/start");
    if (token === "") {
      void navigate({ to: "/sign-in", replace: true });
      return;
    }
    session
      .signInBy(token)
      .then(() => navigate({ to: "/welcome", replace: true }))
      .catch(setError);
  }, [navigate]);
  return (
    <div className="mx-auto grid w-full max-w-md gap-4 px-4 py-16 text-center">
      <h1 className="text-xl font-semibold">{t.auth.startTitle}</h1>
      {error === null ? (
        <p role="status" className="text-sm text-subtle">
          {t.auth.starting}
        </p>
      ) : (
        <>
          <p role="alert" className="text-sm text-danger">
            {error instanceof Error && "status" in error && error.status === 401 ? t.auth.startUsed : problem(error)}
          </p>
          <Link to="/sign-in" className="text-sm font-medium text-primary underline underline-offset-4">
            {t.auth.signIn}
          </Link>
        </>
      )}
    </div>
  );
}
