import type { MemoryList } from "@/routes";

import { kept } from "./kept";

/**
 * Lists of memories that somebody has looked at, so that going back finds them as they were. The words of a search are the
 * user's own: they stay out of the address and of the browser's history, which hold no more than the id of the list.
 */
export interface SeenList {
  id: string;
  /** With what narrows and orders it. */
  address: string;
  search: MemoryList;
  words: string;
}

/** How many are known. A history goes back further, but nobody does. */
const KNOWN = 20;

const lists = () => kept.get<SeenList[]>("lists") ?? [];

export const listOf = (id: string | undefined): SeenList | undefined => lists().find((each) => each.id === id);
export const lastList = (): SeenList | undefined => lists()[0];

export function rememberList(list: SeenList): void {
  kept.set("lists", [list, ...lists().filter((each) => each.id !== list.id)].slice(0, KNOWN));
}

export const newListId = (): string => [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(36)).join("");

/** The way to the list that was looked at last, for a link. */
export function toLastList() {
  const last = lastList();
  return { to: "/memories", search: last?.search ?? {}, state: last ? { list: last.id } : {} } as const;
}

/** Where somebody goes who has signed in: to the page that they wanted, and there to the words that they had looked for. */
export function arrival(next: string | undefined) {
  const last = lastList();
  return { href: next ?? "/memories", state: next !== undefined && last?.address === next ? { list: last.id } : {} };
}
