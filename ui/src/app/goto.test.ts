// What Ctrl+K finds, and in which order.
import { expect, test } from "vitest";
import { found, type Goal } from "./goto";

const goal = (name: string, more = ""): Goal => ({
  id: name,
  kind: "page",
  name,
  more,
  go: () => {},
});
const GOALS = [
  goal("Old sales"),
  goal("Wholesale"),
  goal("Sales"),
  goal("Support", "+7 999 000-00-02 · Active"),
];
const names = (words: string, most = 9) => found(GOALS, words, most).map(({ name }) => name);

test("the beginning of a name comes before the beginning of a word, and that before any part", () => {
  expect(names("SAL")).toEqual(["Sales", "Old sales", "Wholesale"]);
});

test("a number is found however it is written", () => {
  expect(names("+7 (999) 000-00-02")).toEqual(["Support"]);
  expect(names("9990000002")).toEqual(["Support"]);
  expect(names("000 11")).toEqual([]);
});

test("nothing asked for shows all, and no more than fit", () => {
  expect(names("")).toHaveLength(4);
  expect(names("", 2)).toHaveLength(2);
});
