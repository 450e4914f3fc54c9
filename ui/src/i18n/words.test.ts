// The dictionaries against the English one, and how a word is found in them.
import { expect, test } from "vitest";
import en from "./en.json";
import es from "./es.json";
import pt from "./pt.json";
import ru from "./ru.json";
import { wordsIn } from "./words";

const ENGLISH: Readonly<Record<string, string>> = en;
const named = (text: string) => [...text.matchAll(/\{\{\w+\}\}/g)].map(String).sort();
const bare = (key: string) => key.replace(/_(one|few|many|other)$/, "");
const english = (key: string) => ENGLISH[key] ?? ENGLISH[`${bare(key)}_other`];

test.each(Object.entries({ ru, es, pt }))(
  "%s has no word but those of English, and names the same",
  (_, words) => {
    for (const [key, text] of Object.entries(words)) {
      const original = english(key);
      expect(original, key).toBeDefined();
      expect(named(text), key).toEqual(named(original ?? ""));
    }
  },
);

test.each(Object.entries({ es, pt }))("%s has both forms of every number", (_, words) => {
  const forms = Object.keys(en).filter((key) => /_(one|other)$/.test(key));
  expect(forms.filter((key) => !(key in words))).toEqual([]);
});

test("numbers choose the form, also one that English does not have", async () => {
  const russian = await wordsIn("ru");
  const told = [1, 3, 5, 21].map((count) => russian.t("inbox.count", { count }));
  expect(told).toEqual(["1 чат", "3 чата", "5 чатов", "21 чат"]);
  const spanish = await wordsIn("es");
  expect(spanish.t("strip.need", { count: 1_000_000 })).toMatch(/canales le necesitan$/);
  expect(spanish.t("webhooks.tries")).toBe("Intentos");
  expect(spanish.statusTitle("DISABLED")).toBe("Desactivado");
});
