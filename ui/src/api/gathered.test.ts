// Time is made here, and the answers come when the test says so.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { gathered } from "./gathered";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("what comes within a moment is acted on once", async () => {
  const acts: (readonly string[])[] = [];
  const tell = gathered(async (things) => acts.push(things), 100);
  for (const thing of ["a", "b", "a", ["c"]]) tell(thing);
  expect(acts).toEqual([]);
  await vi.advanceTimersByTimeAsync(100);
  expect(acts).toEqual([["a", "b", '["c"]']]);
  tell("a");
  await vi.advanceTimersByTimeAsync(100);
  expect(acts).toHaveLength(2);
});

test("while the server has not answered, nothing more is asked; then all at once", async () => {
  const acts: (readonly string[])[] = [];
  let answer = () => {};
  const tell = gathered((things) => {
    acts.push(things);
    return new Promise<void>((done) => {
      answer = done;
    });
  }, 100);
  tell("first");
  await vi.advanceTimersByTimeAsync(100);
  for (let n = 0; n < 1_000; n += 1) tell(`later ${n % 3}`);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(acts).toHaveLength(1);
  answer();
  await vi.advanceTimersByTimeAsync(100);
  expect(acts).toEqual([["first"], ["later 0", "later 1", "later 2"]]);
});

test("a server that declines does not end it", async () => {
  const act = vi.fn(() => Promise.reject(new Error("declined")));
  const tell = gathered(act, 100);
  tell("a");
  await vi.advanceTimersByTimeAsync(100);
  tell("b");
  await vi.advanceTimersByTimeAsync(100);
  expect(act).toHaveBeenCalledTimes(2);
});
