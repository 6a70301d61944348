import { ApiError } from "./error";

/** Sign-in by Supabase, as far as the page needs it. */
export interface Supabase {
  token(): Promise<string | null>;
  signIn(email: string, password: string): Promise<void>;
  register(email: string, password: string): Promise<boolean>;
  signOut(everywhere: boolean): Promise<void>;
  onChange(listener: (token: string | null) => void): void;
}

/**
 * `@supabase/auth-js` is the part of supabase-js that signs people in; the rest of it (database, storage, realtime) has no
 * use here. Loaded only where the server says that Supabase signs people in.
 */
export async function supabase(url: string, anonKey: string, storageKey: string): Promise<Supabase> {
  const { AuthClient } = await import("@supabase/auth-js");
  const client = new AuthClient({
    url: `${url}/auth/v1`,
    headers: { apikey: anonKey, authorization: `Bearer ${anonKey}` },
    storageKey,
    autoRefreshToken: true,
    persistSession: true,
    detectSessionInUrl: true,
    flowType: "pkce",
  });
  const checked = (error: { status?: number; code?: string; message: string } | null) => {
    if (error) throw new ApiError(error.status ?? 0, error.status === 400 ? "unauthenticated" : (error.code ?? "offline"), error.message);
  };
  return {
    async token() {
      const { data } = await client.getSession();
      return data.session?.access_token ?? null;
    },
    async signIn(email, password) {
      checked((await client.signInWithPassword({ email, password })).error);
    },
    async register(email, password) {
      const options = { emailRedirectTo: `${location.origin}/sign-in` };
      const { data, error } = await client.signUp({ email, password, options });
      checked(error);
      return data.session !== null;
    },
    async signOut(everywhere) {
      const { error } = await client.signOut({ scope: everywhere ? "global" : "local" });
      if (everywhere) checked(error);
    },
    onChange(listener) {
      client.onAuthStateChange((_, session) => listener(session?.access_token ?? null));
    },
  };
}
