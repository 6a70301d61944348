import type { ReactNode } from "react";

/** A figure of an app, with its name. */
export function Figure({ name, value }: { name: string; value: ReactNode }) {
  return (
    <div>
      <dt className="text-subtle">{name}</dt>
      <dd className="font-medium">{value}</dd>
    </div>
  );
}
