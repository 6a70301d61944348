import { type ReactNode, useEffect, useRef } from "react";

import { Card } from "@/components/ui/card";
import { useT } from "@/i18n";

/** One thing in the middle of the window. */
export function Panel({
  title,
  icon,
  taken = false,
  children,
}: {
  title: string;
  icon?: ReactNode;
  /** It took the place of another one: readers of screens are led to it. */
  taken?: boolean;
  children: ReactNode;
}) {
  const t = useT();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${t.product}`;
  }, [title, t.product]);
  useEffect(() => {
    if (taken) heading.current?.focus();
  }, [taken]);
  return (
    <div className="mx-auto flex w-full max-w-lg flex-1 flex-col justify-center px-4 pt-2 pb-8 sm:py-8">
      <Card className="grid gap-5 sm:p-7">
        <h1 ref={heading} tabIndex={-1} className="flex items-center gap-3 text-xl font-semibold wrap-anywhere outline-none">
          {icon}
          {title}
        </h1>
        {children}
      </Card>
    </div>
  );
}
