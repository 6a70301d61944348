import { WifiOff } from "lucide-react";
import { useEffect, useState } from "react";

import { type Link, connection, useLink } from "@/api/link";
import { useT } from "@/i18n";

import { Button } from "./ui/button";

/** Says that the server is lost, and when it is looked for again. */
export function ConnectionBanner() {
  const t = useT();
  const link = useLink();
  const seconds = useCountdown(link);
  return (
    <div role="status" className="sticky top-0 z-30 max-lg:top-[3.3rem]">
      {link.at === "lost" && (
        <div className="flex flex-wrap items-center justify-center gap-x-3 gap-y-1 border-b bg-warning-soft px-4 py-2 text-sm text-warning">
          <WifiOff className="size-4" aria-hidden />
          {/* Read out once, not each second. */}
          <span className="sr-only">{t.connection.lost}</span>
          <span aria-hidden>{t.connection.again(seconds)}</span>
          <Button size="sm" variant="outline" className="text-foreground" onClick={() => connection.try()}>
            {t.connection.now}
          </Button>
        </div>
      )}
    </div>
  );
}

function useCountdown(link: Link): number {
  const [now, setNow] = useState(Date.now);
  const next = link.at === "lost" ? link.next : null;
  useEffect(() => {
    if (next === null) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [next]);
  return next === null ? 0 : Math.max(0, Math.ceil((next - now) / 1000));
}
