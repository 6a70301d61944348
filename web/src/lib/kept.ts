/**
 * What a person typed and looked for, for as long as the tab lives: drafts, the words of searches. It outlives a reload and the
 * end of a session, and belongs to one person: signing out forgets it, and so does another person who signs in.
 */
const KEY = "jmem.kept";

interface Kept {
  who: string;
  values: Record<string, unknown>;
}

/** Where storage is switched off, it lasts as long as the page. */
let held: Kept | null = read();

function read(): Kept | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Kept | null;
  } catch {
    return null;
  }
}

function write(next: Kept | null): void {
  held = next;
  try {
    if (next === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // As above.
  }
}

export const kept = {
  /** Whom all of it belongs to from now on. */
  of(who: string): void {
    if (held?.who !== who) write({ who, values: {} });
  },
  get<T>(name: string): T | null {
    return (held?.values[name] as T | undefined) ?? null;
  },
  set(name: string, value: unknown): void {
    if (!held) return;
    const values = { ...held.values, [name]: value };
    if (value === null) delete values[name];
    write({ ...held, values });
  },
  forget(): void {
    write(null);
  },
};
