/** What the server tells before anybody has signed in. */
export interface PageConfig {
  version: string;
  base_url: string;
  accounts: boolean;
  registration: boolean;
  supabase: { url: string; anon_key: string | null } | null;
  import_bytes: number;
  contact: string | null;
}

let known: PageConfig | undefined;

export async function loadConfig(): Promise<PageConfig> {
  const response = await fetch("/config.json");
  if (!response.ok) throw new Error(`/config.json answers ${response.status}`);
  known = (await response.json()) as PageConfig;
  return known;
}

/** Loaded before the page is drawn. */
export function config(): PageConfig {
  if (!known) throw new Error("the configuration is not loaded");
  return known;
}
