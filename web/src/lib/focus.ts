/** Where the focus was, and which rows of a list are near: the row itself may be gone when the focus comes back. */
export interface Place {
  element: HTMLElement | null;
  rows: string[];
}

const rowOf = (element: Element | null) => (element?.closest("[data-memory]") as HTMLElement | null)?.dataset.memory;

/** The place that has the focus now; of an entry in a menu it is what opened the menu. */
export function placeNow(): Place {
  const menu = document.activeElement?.closest("[role=menu]");
  const element = menu ? document.getElementById(menu.getAttribute("aria-labelledby") ?? "") : document.activeElement;
  if (!(element instanceof HTMLElement) || element === document.body) return { element: null, rows: [] };
  const here = rowOf(element);
  const all = [...document.querySelectorAll("[data-memory]")].map((row) => rowOf(row) ?? "");
  const at = here ? all.indexOf(here) : -1;
  return { element, rows: at < 0 ? [] : [...all.slice(at), ...all.slice(0, at).toReversed()] };
}

function go({ element, rows }: Place): void {
  if (element?.isConnected) return element.focus({ preventScroll: true });
  for (const row of rows) {
    const found = document.querySelector(`[data-memory="${row}"]`);
    const target = found?.querySelector<HTMLElement>("a") ?? found?.querySelector<HTMLElement>("button");
    if (target) return target.focus({ preventScroll: true });
  }
  document.getElementById("content")?.focus({ preventScroll: true });
}

/** How long after a deed its row may still be drawn, in milliseconds. */
const LINGERS = [50, 400];

/** Gives the focus back; where its row is gone, to the next one. */
export function goBack(place: Place): void {
  go(place);
  for (const after of LINGERS) {
    setTimeout(() => {
      if (document.activeElement === document.body) go(place);
    }, after);
  }
}

/** What somebody wants to do first in a dialog: its first field, else its deed. Never the button that closes it. */
export function focusFirst(dialog: HTMLElement): void {
  const seen = (selector: string) => [...dialog.querySelectorAll<HTMLElement>(selector)].find((each) => each.getClientRects().length > 0);
  const target =
    seen("[data-first]:not(:disabled)") ??
    seen(":is(input, textarea, select):not(:disabled, [type=hidden], [tabindex='-1'])") ??
    seen("[type=submit]:not(:disabled)") ??
    dialog;
  target.focus();
  if (target instanceof HTMLInputElement) target.select();
  if (target instanceof HTMLTextAreaElement) target.setSelectionRange(target.value.length, target.value.length);
}

/** Ctrl+Enter or Cmd+Enter sends the form, from within a text too. */
export function sendsForm(event: React.KeyboardEvent<HTMLElement>): void {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = (event.target as Element).closest("form") ?? event.currentTarget.querySelector("form");
  const button = form?.querySelector<HTMLButtonElement>("[type=submit]");
  if (!button) return;
  event.preventDefault();
  button.click();
}
