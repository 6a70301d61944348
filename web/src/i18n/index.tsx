import { type ReactNode, createContext, useContext, useEffect, useState } from "react";

import { preferences, store, useStore } from "@/lib/store";

import { type Catalogue, en } from "./en";

export type Language = Catalogue["language"];
export const LANGUAGES: Record<Language, string> = { en: "English", zh: "简体中文" };

const Texts = createContext<Catalogue>(en);

/** The texts of the page in the reader's language. */
export function useT(): Catalogue {
  return useContext(Texts);
}

/** The texts of one page, which nobody needs before it: they come with its code. */
export function textsOf<Own>(own: Record<Language, Own>): () => Own {
  return () => own[useT().language];
}

function preferred(): Language {
  const chosen = preferences.get("jmem.language");
  if (chosen === "en" || chosen === "zh") return chosen;
  return navigator.languages
    .find((tag) => /^(en|zh)\b/i.test(tag))
    ?.slice(0, 2)
    .toLowerCase() === "zh"
    ? "zh"
    : "en";
}

const language = store<Language>(preferred());

export function useLanguage(): [Language, (next: Language) => void] {
  return [
    useStore(language),
    (next) => {
      preferences.set("jmem.language", next);
      language.set(next);
    },
  ];
}

let current: Catalogue = en;
/** The same for what is no component. */
export const texts = (): Catalogue => current;

async function load(of: Language): Promise<Catalogue> {
  return of === "zh" ? (await import("./zh")).zh : en;
}

/** The texts that the page starts with, so that it is not drawn twice. */
export async function firstTexts(): Promise<Catalogue> {
  current = await load(language.get());
  return current;
}

export function TextsProvider({ first, children }: { first: Catalogue; children: ReactNode }) {
  const [texts, setTexts] = useState(first);
  const [wanted] = useLanguage();
  useEffect(() => {
    let current = true;
    void load(wanted).then((loaded) => current && setTexts(loaded));
    return () => {
      current = false;
    };
  }, [wanted]);
  useEffect(() => {
    current = texts;
    document.documentElement.lang = texts.language === "zh" ? "zh-CN" : "en";
  }, [texts]);
  return <Texts.Provider value={texts}>{children}</Texts.Provider>;
}
