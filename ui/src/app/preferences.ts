// What this browser remembers of its reader; nothing of it is a secret.
import { useLocalStorage } from "@mantine/hooks";
import { type Language, languageOfBrowser } from "../i18n/words";
import { SILENT, type Wishes } from "./alerts";

/** Says whether asking who is signed in is worth a request. */
const SIGNED_IN = "houston-signed-in";

export const signedInHere = {
  read: () => localStorage.getItem(SIGNED_IN) === "yes",
  note: (is: boolean) =>
    is ? localStorage.setItem(SIGNED_IN, "yes") : localStorage.removeItem(SIGNED_IN),
};

export function useLanguage() {
  return useLocalStorage<Language>({
    key: "houston-language",
    defaultValue: languageOfBrowser(),
    getInitialValueInEffect: false,
  });
}

/** Single letters as keys can be switched off (WCAG 2.1.4). */
export function useLetterKeys() {
  return useLocalStorage<boolean>({
    key: "houston-letter-keys",
    defaultValue: true,
    getInitialValueInEffect: false,
  });
}

export function useWishes() {
  return useLocalStorage<Wishes>({
    key: "houston-wishes",
    defaultValue: SILENT,
    getInitialValueInEffect: false,
  });
}

/** How fast recordings are played. */
export type Speed = 1 | 1.5 | 2;

export function useSpeed() {
  return useLocalStorage<Speed>({
    key: "houston-speed",
    defaultValue: 1,
    getInitialValueInEffect: false,
  });
}
