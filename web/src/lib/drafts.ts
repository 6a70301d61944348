import { useEffect } from "react";

import { kept } from "./kept";

/** Text that is not saved yet, and the page that it was typed on. */
export interface Draft<F> {
  at: string;
  fields: F;
}

type Drafts = Record<string, Draft<unknown>>;
const all = (): Drafts => kept.get<Drafts>("drafts") ?? {};

export const drafts = {
  of: <F>(target: string): F | null => (all()[target]?.fields as F | undefined) ?? null,
  /** What was being written on this page when it went away. */
  at: <F>(path: string): F | null => (Object.values(all()).find((draft) => draft.at === path)?.fields as F | undefined) ?? null,
  set(target: string, draft: Draft<unknown> | null): void {
    const next = all();
    if (draft) next[target] = draft;
    else delete next[target];
    kept.set("drafts", Object.keys(next).length > 0 ? next : null);
  },
};

/** Keeps what is typed while it is not saved. */
export function useDraft(target: string, fields: unknown, unsaved: boolean): void {
  useEffect(() => {
    drafts.set(target, unsaved ? { at: location.pathname, fields } : null);
  }, [target, fields, unsaved]);
}
