// Words in the reader's language: keys typed by en.json, plurals by CLDR, the file format of i18next 4.
import { createContext, useContext } from "react";
import en from "./en.json";
import type es from "./es.json";
import type pt from "./pt.json";
import type ru from "./ru.json";

type WithoutPlural<Name> = Name extends `${infer Base}_${"one" | "few" | "many" | "other"}`
  ? Base
  : Name;
export type Key = WithoutPlural<keyof typeof en>;
export type Values = Readonly<Record<string, string | number>>;
type Dictionary = Readonly<Record<string, string>>;

/** A word that one language has and the other lacks does not compile. */
type Same<A, B> = [Exclude<A, B>, Exclude<B, A>] extends [never, never] ? true : never;
type Whole<Words> = Same<Key, WithoutPlural<keyof Words>>;
export const EVERY_WORD_IS_TRANSLATED: readonly [
  Whole<typeof ru>,
  Whole<typeof es>,
  Whole<typeof pt>,
] = [true, true, true];

export const LANGUAGES = { en: "English", ru: "Русский", es: "Español", pt: "Português" } as const;
export type Language = keyof typeof LANGUAGES;

interface StatusTexts {
  readonly statuses: Readonly<Record<string, { readonly title: string }>>;
  readonly reasons: Readonly<Record<string, { readonly text: string }>>;
}

/** The wording of statuses is the server's own files, whole in all languages. */
const STATUS_TEXTS: Record<Language, () => Promise<{ default: StatusTexts }>> = {
  en: () => import("../../../src/houston/texts/status.en.json"),
  ru: () => import("../../../src/houston/texts/status.ru.json"),
  es: () => import("../../../src/houston/texts/status.es.json"),
  pt: () => import("../../../src/houston/texts/status.pt.json"),
};
const WORDS: Record<Language, () => Promise<{ default: Dictionary }>> = {
  en: async () => ({ default: en }),
  ru: () => import("./ru.json"),
  es: () => import("./es.json"),
  pt: () => import("./pt.json"),
};

export interface Words {
  readonly language: Language;
  t(key: Key, values?: Values): string;
  /** Whether there is such a word: a newer server may name things that this page does not know. */
  has(key: string): boolean;
  statusTitle(code: string): string;
  reason(code: string): string;
}

export async function wordsIn(language: Language): Promise<Words> {
  const [words, texts] = await Promise.all([WORDS[language](), STATUS_TEXTS[language]()]);
  const plurals = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  const found = (key: Key, values: Values): string => {
    const form = typeof values.count === "number" ? `_${plurals.select(values.count)}` : "";
    const said = words.default;
    return said[key + form] ?? said[`${key}_other`] ?? said[key] ?? key;
  };
  const shown = (value: string | number | undefined) =>
    typeof value === "number" ? numbers.format(value) : (value ?? "");
  return {
    language,
    t: (key, values = {}) =>
      found(key, values).replace(/\{\{(\w+)\}\}/g, (_, name: string) => shown(values[name])),
    has: (key) => key in en,
    statusTitle: (code) => texts.default.statuses[code]?.title ?? code,
    reason: (code) =>
      texts.default.reasons[code]?.text.replace(/ \(\{detail\}\)|: \{detail\}/, "") ?? code,
  };
}

export const WordsContext = createContext<Words | null>(null);

export function useWords(): Words {
  const words = useContext(WordsContext);
  if (words === null) throw new Error("useWords is used outside of WordsContext");
  return words;
}

export function languageOfBrowser(): Language {
  const wanted = navigator.language.slice(0, 2);
  return wanted in LANGUAGES ? (wanted as Language) : "en";
}
