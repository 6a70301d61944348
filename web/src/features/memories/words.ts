import { useNavigate, useRouterState } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";

import { listOf, newListId, rememberList } from "@/lib/lists";
import type { MemoryList } from "@/routes";

/** How long a pause in typing starts a search, in milliseconds. */
const PAUSE = 180;

export interface Words {
  typed: string;
  /** What is searched for: what was typed when there was a pause. */
  query: string;
  type: (text: string) => void;
}

/** The words that are searched for. They come back with the list: by the browser's way back, and after a reload or a sign-in. */
export function useWords(search: MemoryList): Words {
  const navigate = useNavigate({ from: "/memories" });
  const marked = useRouterState({ select: (state) => state.location.state.list });
  const address = useRouterState({ select: (state) => state.location.href });
  const [list, setList] = useState(() => ({ id: marked ?? newListId(), marked: marked !== undefined }));
  const [typed, type] = useState(() => listOf(marked)?.words ?? "");
  const [query, setQuery] = useState(typed);
  useEffect(() => {
    const timer = setTimeout(() => setQuery(typed.trim()), PAUSE);
    return () => clearTimeout(timer);
  }, [typed]);

  // To another list of the history, or to a new one.
  const shown = useRef(marked);
  const here = new URL(address, location.origin).pathname === "/memories";
  useEffect(() => {
    if (!here || shown.current === marked) return;
    shown.current = marked;
    setList({ id: marked ?? newListId(), marked: marked !== undefined });
    if (marked === list.id) return;
    const words = listOf(marked)?.words ?? "";
    type(words);
    setQuery(words);
  }, [here, marked, list]);
  const known = JSON.stringify(search);
  useEffect(() => {
    // On the way to another list, the words are still those of the one before.
    if (!here || (marked === undefined ? list.marked : marked !== list.id)) return;
    rememberList({ id: list.id, address, search: JSON.parse(known) as MemoryList, words: query });
    if (query !== "" && marked === undefined) {
      void navigate({ search: true, state: { list: list.id }, replace: true, resetScroll: false });
    }
  }, [here, list, address, known, query, marked, navigate]);
  return { typed, query, type };
}
