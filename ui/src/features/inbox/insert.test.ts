// Where a chosen text lands.
import { expect, test } from "vitest";
import { inserted } from "./insert";

test("what is chosen lands at the cursor, which moves behind it", () => {
  expect(inserted("ab", "X", 1, 1)).toEqual({ text: "aXb", caret: 2 });
});

test("what was marked is replaced, as typing would", () => {
  expect(inserted("good morning", "evening", 5, 12)).toEqual({ text: "good evening", caret: 12 });
});
