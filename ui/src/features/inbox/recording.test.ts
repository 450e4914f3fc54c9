// Bars out of samples, made here; reading a file is the browser's part.
import { expect, test } from "vitest";
import { barsOf, speedAfter, timeText } from "./recording";

test("the loudest part is the highest bar, and silence is still seen", () => {
  const samples = Float32Array.from([0, 0, 0.1, -0.1, 0.2, -0.2]);
  expect(barsOf(samples, 3).map((one) => Math.round(one * 100))).toEqual([6, 50, 100]);
  expect(barsOf(new Float32Array(0), 2)).toEqual([0.06, 0.06]);
});

test("the speeds go round", () => {
  expect([1, 1.5, 2].map((one) => speedAfter(one as 1))).toEqual([1.5, 2, 1]);
});

test("times are minutes and seconds", () => {
  expect([0, 9.9, 65].map(timeText)).toEqual(["0:00", "0:09", "1:05"]);
});
