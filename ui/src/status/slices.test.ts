// A past in slices: one bad minute is seen, and time before the beginning does not count.
import { expect, test } from "vitest";
import { activeShare, type Change, slices, stretches } from "./slices";

const change = (at: number, old: string, now: string) =>
  ({ at: new Date(at).toISOString(), old, new: now }) as Change;
const MINUTE = 60_000;
const past = stretches(
  [change(50 * MINUTE, "ACTIVE", "NOT_PAID"), change(51 * MINUTE, "NOT_PAID", "ACTIVE")],
  { code: "ACTIVE", at: 100 * MINUTE },
  20 * MINUTE,
);

test("a slice shows its worst status, and nothing before the channel began", () => {
  const codes = slices(past, 0, 100 * MINUTE, 10).map(({ code }) => code);
  expect(codes.slice(0, 2)).toEqual([null, null]);
  expect(codes[5]).toBe("NOT_PAID");
  expect(codes.filter((code) => code === "ACTIVE")).toHaveLength(7);
});

test("the share counts only the time in which the channel existed", () => {
  expect(activeShare(past, 0, 100 * MINUTE)).toBeCloseTo(79 / 80);
  expect(activeShare([], 0, 100)).toBe(0);
});
