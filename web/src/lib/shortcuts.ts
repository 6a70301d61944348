import { useEffect } from "react";

import { preferences, store, useStore } from "./store";

/** Single-key shortcuts can be switched off: they get in the way of speech input. */
const on = store(preferences.get("jmem.shortcuts") !== "off");

export function useShortcutsOn(): [boolean, (next: boolean) => void] {
  return [
    useStore(on),
    (next) => {
      preferences.set("jmem.shortcuts", next ? null : "off");
      on.set(next);
    },
  ];
}

/** Whether a key press is meant for a field or a control, not for the page. */
function typing(event: KeyboardEvent): boolean {
  const { target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || !(target instanceof HTMLElement)) return true;
  return (
    target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest("[role=dialog],[role=menu]") !== null
  );
}

/** What single keys do on a page, by the name of the key. */
export function useShortcuts(deeds: (event: KeyboardEvent) => Record<string, () => unknown>): void {
  const [shortcuts] = useShortcutsOn();
  useEffect(() => {
    if (!shortcuts) return;
    const pressed = (event: KeyboardEvent) => {
      if (typing(event)) return;
      const deed = deeds(event)[event.key];
      if (!deed) return;
      event.preventDefault();
      deed();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  });
}
