import { Link } from "@tanstack/react-router";
import { CircleAlert, LoaderCircle } from "lucide-react";
import type { ReactNode } from "react";

import { ApiError } from "@/api/error";
import { useLink } from "@/api/link";
import { useT } from "@/i18n";
import type { Catalogue } from "@/i18n/en";
import { cn } from "@/lib/cn";

import { Button } from "./ui/button";

/** Failures that another plan would mend. */
const OF_PLAN = ["quota_exceeded", "feature_unavailable"];

/** What went wrong and what to do, in the reader's language where the kind of failure is known. */
export function problemOf(t: Catalogue, error: unknown): ReactNode {
  if (!(error instanceof ApiError)) return t.errors.unknown;
  const known = (t.errors.byCode as Record<string, string>)[error.code];
  // The server's own sentences are English, and more exact than ours.
  const said = t.language === "en" && error.code !== "offline" ? error.message : (known ?? error.message);
  if (!OF_PLAN.includes(error.code)) return said;
  return (
    <>
      {said}{" "}
      <Link to="/usage" className="font-medium underline">
        {t.errors.usage}
      </Link>
    </>
  );
}

export function useProblem(): (error: unknown) => ReactNode {
  const t = useT();
  return (error) => problemOf(t, error);
}

/** What went wrong with what somebody has just sent. */
export function Wrong({ error, className }: { error: unknown; className?: string }) {
  const problem = useProblem();
  if (!error) return null;
  return (
    <p role="alert" className={cn("text-sm text-danger", className)}>
      {typeof error === "string" ? error : problem(error)}
    </p>
  );
}

/** As high as what will come, so that nothing jumps. */
export function Loading({ className = "h-40" }: { className?: string }) {
  const t = useT();
  return (
    <div role="status" data-loading className={`grid place-items-center text-subtle ${className}`}>
      <LoaderCircle className="size-5 animate-spin" aria-hidden />
      <span className="sr-only">{t.common.loading}</span>
    </div>
  );
}

export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const t = useT();
  const problem = useProblem();
  // The page looks for its server and then reads again what failed: see useWatching.
  const comesBack = useLink().at === "lost" && retry !== undefined && error instanceof ApiError && error.code === "offline";
  return (
    <div role="alert" className="flex flex-wrap items-center gap-3 rounded-xl border border-danger/40 bg-danger-soft px-4 py-3 text-sm">
      <CircleAlert className="size-4 text-danger" aria-hidden />
      <div className="min-w-40 flex-1">
        <p>{comesBack ? t.errors.comesBack : problem(error)}</p>
        {error instanceof ApiError && error.requestId && error.status >= 500 && (
          <p className="mt-1 font-mono text-xs text-subtle">{t.errors.reference(error.requestId)}</p>
        )}
      </div>
      {retry && (
        <Button size="sm" variant="outline" onClick={retry}>
          {t.common.retry}
        </Button>
      )}
    </div>
  );
}

export function Empty({ icon, title, children, action }: { icon?: ReactNode; title: ReactNode; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="grid justify-items-center gap-2 rounded-2xl border border-dashed px-6 py-12 text-center">
      {icon && <div className="mb-1 text-subtle [&_svg]:size-7">{icon}</div>}
      <p className="font-medium">{title}</p>
      {children && <div className="max-w-md text-sm text-subtle">{children}</div>}
      {action && <div className="mt-3">{action}</div>}
    </div>
  );
}

/** One of the three, or what was asked for. */
export function Of<T>({
  query,
  height,
  children,
}: {
  query: { data: T | undefined; error: unknown; isPending: boolean; refetch: () => unknown };
  height?: string;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <Failed error={query.error} retry={() => void query.refetch()} />;
  return <Loading {...(height ? { className: height } : {})} />;
}
