import type { ComponentProps } from "react";

import { cn } from "@/lib/cn";

export function Card({ className, ...props }: ComponentProps<"section">) {
  return <section className={cn("rounded-2xl border bg-surface p-4 sm:p-5", className)} {...props} />;
}

export function CardTitle({ className, children, ...props }: ComponentProps<"h2">) {
  return (
    <h2 className={cn("text-base font-semibold", className)} {...props}>
      {children}
    </h2>
  );
}

export function Badge({
  tone = "plain",
  className,
  ...props
}: ComponentProps<"span"> & { tone?: "plain" | "accent" | "warning" | "danger" }) {
  const tones = {
    plain: "bg-muted text-subtle",
    accent: "bg-accent text-on-accent",
    warning: "bg-warning-soft text-warning",
    danger: "bg-danger-soft text-danger",
  };
  return (
    <span
      className={cn(
        "inline-flex max-w-full items-center gap-1 truncate rounded-md px-1.5 py-0.5 text-xs font-medium",
        tones[tone],
        className,
      )}
      {...props}
    />
  );
}

export function Kbd({ className, ...props }: ComponentProps<"kbd">) {
  return <kbd className={cn("rounded-md border border-b-2 bg-muted px-1.5 py-0.5 font-mono text-xs", className)} {...props} />;
}
