// What `/` finds and puts into the field.
import { expect, test } from "vitest";
import { askedFor, filled, matching, type Template } from "./templates";

const template = (name: string, text = ""): Template => ({ id: name, name, text, created_at: "" });
const names = (found: readonly Template[]) => found.map(({ name }) => name);

test.each([
  ["/", ""],
  ["/he", "he"],
  ["/two words", "two words"],
  ["", null],
  ["hello /", null],
  ["/home/user", null],
  ["/he\nllo", null],
])("%j asks for the templates of %j", (text, word) => {
  expect(askedFor(text)).toBe(word);
});

test("names that begin with the word come before names and texts that have it", () => {
  const all = [
    template("Bye", "say hello to your friends"),
    template("Say hello"),
    template("Hello"),
    template("Prices"),
  ];
  expect(names(matching(all, "HELLO"))).toEqual(["Hello", "Say hello", "Bye"]);
  expect(names(matching(all, ""))).toEqual(names(all));
});

test.each([
  ["Hello, {name}!", "Anna", "Hello, Anna!"],
  ["Hello, {name}!", null, "Hello!"],
  ["{name}, good day. Is it {name}?", null, "good day. Is it?"],
  ["Nothing to fill in", "Anna", "Nothing to fill in"],
])("%j for %j is %j", (text, name, words) => {
  expect(filled(text, name)).toBe(words);
});
