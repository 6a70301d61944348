import { kept } from "@/lib/kept";
import { preferences, store, useStore } from "@/lib/store";

import { config } from "./config";
import { ApiError } from "./error";
import { type Supabase, supabase } from "./supabase";

/** Whether somebody is signed in, and by whom. The tokens themselves stay in here. */
export type SessionState = { status: "signed-out"; expired?: boolean } | { status: "signed-in"; who: string };

interface Tokens {
  access_token: string;
  refresh_token: string;
  /** Milliseconds since 1970. */
  expires_at: number;
}

const KEY = "jmem.session";
/** Tokens are renewed this long before they expire. */
const EARLY = 30_000;

const state = store<SessionState>({ status: "signed-out" });
/** Whom a token speaks for. Only to notice that it is another person now: what the token is worth the server decides. */
function subject(token: string): string {
  try {
    const payload = token.split(".")[1] ?? "";
    return String((JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))) as { sub?: unknown }).sub);
  } catch {
    return "";
  }
}

function is(token: string | null): void {
  if (token === null) return state.set({ status: "signed-out" });
  const who = subject(token);
  kept.of(who);
  state.set({ status: "signed-in", who });
}

/** Where storage is switched off, a session lasts as long as the page. */
let held: Tokens | null = null;

function read(): Tokens | null {
  const text = preferences.get(KEY);
  if (text === null) return held;
  try {
    const tokens = JSON.parse(text) as Tokens;
    return typeof tokens.access_token === "string" && typeof tokens.refresh_token === "string" ? tokens : null;
  } catch {
    return null;
  }
}

function write(tokens: Tokens | null): void {
  held = tokens;
  preferences.set(KEY, tokens === null ? null : JSON.stringify(tokens));
  is(tokens?.access_token ?? null);
}

async function post(path: string, body: unknown, token?: string): Promise<Response> {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  try {
    return await fetch(`/api/v1/auth/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  } catch {
    throw new ApiError(0, "offline", "The server cannot be reached.");
  }
}

async function tokensOf(response: Response): Promise<Tokens> {
  const body = (await response.json().catch(() => null)) as Record<string, unknown> | null;
  if (!response.ok || !body) throw ApiError.of(response.status, body);
  return {
    access_token: String(body.access_token),
    refresh_token: String(body.refresh_token),
    expires_at: Date.now() + Number(body.expires_in) * 1000,
  };
}

/** One page at a time renews the tokens: a refresh token works once, and one that comes twice ends the whole sign-in. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  return "locks" in navigator ? navigator.locks.request("jmem.refresh", work) : work();
}

async function renewed(): Promise<string | null> {
  return alone(async () => {
    // Another page may have been faster.
    const tokens = read();
    if (!tokens) return null;
    if (tokens.expires_at - EARLY > Date.now()) return tokens.access_token;
    const response = await post("refresh", { refresh_token: tokens.refresh_token });
    if (response.status === 401) {
      write(null);
      state.set({ status: "signed-out", expired: true });
      return null;
    }
    const next = await tokensOf(response);
    write(next);
    return next.access_token;
  });
}

let provider: Supabase | null = null;
/** The token that was handed out last: for a page that is going away and cannot wait for one. */
let last: string | null = null;

/** Finds out who is signed in. Call once, after the configuration is loaded. */
export async function startSession(): Promise<void> {
  const { supabase: settings } = config();
  if (settings?.anon_key) {
    provider = await supabase(settings.url, settings.anon_key, KEY);
    provider.onChange(is);
    is(await provider.token());
    return;
  }
  is(read()?.access_token ?? null);
  addEventListener("storage", (event) => {
    // Signed in or out in another tab.
    if (event.key === KEY) is(read()?.access_token ?? null);
  });
}

export const session = {
  get: (): SessionState => state.get(),

  /** An access token that works for a while yet; null when signed out. */
  async token(): Promise<string | null> {
    const tokens = provider ? null : read();
    last = provider ? await provider.token() : tokens && (tokens.expires_at - EARLY > Date.now() ? tokens.access_token : await renewed());
    return last;
  },

  /** The token that was handed out last, at once; it may have ended since. */
  lastToken: (): string | null => last,

  async signIn(email: string, password: string): Promise<void> {
    if (provider) await provider.signIn(email, password);
    else write(await tokensOf(await post("login", { email, password })));
  },

  /** By the token of a link that works once. */
  async signInBy(token: string): Promise<void> {
    write(await tokensOf(await post("refresh", { refresh_token: token })));
  },

  /** False when the address must be confirmed by e-mail first. */
  async register(email: string, password: string): Promise<boolean> {
    if (provider) return provider.register(email, password);
    write(await tokensOf(await post("register", { email, password })));
    return true;
  },

  /** Built-in accounts only. Every other sign-in ends; this page goes on with a new one. */
  async changePassword(current_password: string, new_password: string): Promise<void> {
    const body = { current_password, new_password };
    write(await tokensOf(await post("password", body, (await session.token()) ?? "")));
  },

  async signOut(everywhere = false): Promise<void> {
    if (provider) {
      await provider.signOut(everywhere);
      kept.forget();
      state.set({ status: "signed-out" });
      return;
    }
    const tokens = read();
    if (tokens && everywhere) {
      const response = await post("logout-everywhere", {}, (await session.token()) ?? tokens.access_token);
      if (!response.ok) throw ApiError.of(response.status, await response.json().catch(() => null));
    } else if (tokens) {
      await post("logout", { refresh_token: tokens.refresh_token }).catch(() => undefined);
    }
    kept.forget();
    write(null);
  },

  /** The server no longer takes the token. */
  ended(): void {
    if (state.get().status === "signed-out") return;
    if (provider) void provider.signOut(false).catch(() => undefined);
    write(null);
    state.set({ status: "signed-out", expired: true });
  },
};

export function useSession(): SessionState {
  return useStore(state);
}
