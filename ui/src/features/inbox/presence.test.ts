// What is said of colleagues who write, in each language.
import { expect, test } from "vitest";
import { type Language, wordsIn } from "../../i18n/words";
import { presenceText } from "./presence";

const crowd = (size: number) => Array.from({ length: size }, (_, n) => `Operator ${n}`);

test.each<[Language, readonly string[], string | null]>([
  ["en", [], null],
  ["en", ["Anna"], "Anna is writing here"],
  ["en", ["Anna", "Boris"], "Anna and Boris are writing here"],
  ["en", crowd(3), "3 colleagues are writing here"],
  ["ru", ["Анна"], "Анна пишет здесь"],
  ["ru", ["Анна", "Борис"], "Анна и Борис пишут здесь"],
  ["ru", crowd(3), "3 коллеги пишут здесь"],
  ["ru", crowd(5), "5 коллег пишут здесь"],
  ["ru", crowd(21), "21 коллега пишет здесь"],
  ["es", ["Ana", "Inés"], "Ana e Inés están escribiendo aquí"],
  ["es", crowd(3), "3 colegas están escribiendo aquí"],
  ["pt", ["Ana", "Rui"], "Ana e Rui estão escrevendo aqui"],
  ["pt", crowd(4), "4 colegas estão escrevendo aqui"],
])("%s: %j is told as %j", async (language, names, text) => {
  expect(presenceText(names, await wordsIn(language))).toBe(text);
});
