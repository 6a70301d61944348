import { preferences, store, useStore } from "./store";

export type Theme = "light" | "dark" | "system";
export const THEMES: Theme[] = ["light", "dark", "system"];

const stored = preferences.get("jmem.theme");
const theme = store<Theme>(stored === "light" || stored === "dark" ? stored : "system");
const system = matchMedia("(prefers-color-scheme: dark)");

/** The same rule as public/theme.js, which runs before the first paint. */
function apply(): void {
  const chosen = theme.get();
  document.documentElement.classList.toggle("dark", chosen === "dark" || (chosen === "system" && system.matches));
}

system.addEventListener("change", apply);

export function setTheme(chosen: Theme): void {
  preferences.set("jmem.theme", chosen === "system" ? null : chosen);
  theme.set(chosen);
  apply();
}

export function useTheme(): Theme {
  return useStore(theme);
}
