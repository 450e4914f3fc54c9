// Time is made here; `server` notes what it is told and answers when the test says so.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GONE_AFTER_MS } from "../../api/presence";
import { TELL_EVERY_MS, tellerOf } from "./teller";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A teller, and what it has told. */
function telling(answer: () => Promise<unknown> = async () => {}) {
  const told: boolean[] = [];
  const tell = vi.fn((writing: boolean) => {
    told.push(writing);
    return answer();
  });
  return { teller: tellerOf(tell), told };
}

/** Lets what was answered be heard, and time pass. */
const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

test("who writes on and on is told of every three seconds", async () => {
  const { teller, told } = telling();
  for (let n = 0; n < 100; n += 1) {
    teller.works();
    await pass(100);
  }
  expect(told).toEqual([true, true, true, true]);
  expect(TELL_EVERY_MS * 2).toBeLessThan(GONE_AFTER_MS);
});

test("what is emptied or ended is told at once, and only once", async () => {
  const { teller, told } = telling();
  teller.stop();
  teller.works();
  await pass(1);
  teller.stop();
  teller.stop();
  await pass(1);
  expect(told).toEqual([true, false]);
});

test("writing and taking back as fast as one can is told of no more often", async () => {
  const { teller, told } = telling();
  for (let n = 0; n < 30; n += 1) {
    if (n % 2 === 0) teller.works();
    else teller.stop();
    await pass(100);
  }
  expect(told).toEqual([true, false]);
});

test("nobody is told of an end that all have found out by themselves", async () => {
  const { teller, told } = telling();
  teller.works();
  await pass(GONE_AFTER_MS);
  teller.stop();
  expect(told).toEqual([true]);
});

test("the end does not overtake what it ends", async () => {
  let answer = () => {};
  const { teller, told } = telling(() => new Promise<void>((done) => (answer = done)));
  teller.works();
  teller.stop();
  await pass(TELL_EVERY_MS);
  teller.works(); // Nothing more on a way that is taken.
  expect(told).toEqual([true]);
  for (let n = 0; n < 3; n += 1) {
    answer();
    await pass(1);
  }
  expect(told).toEqual([true, false]);
});

test("a server that declines is told again, and nobody is troubled", async () => {
  const { teller, told } = telling(() => Promise.reject(new Error("declined")));
  teller.works();
  await pass(TELL_EVERY_MS);
  teller.works();
  await pass(1);
  teller.stop();
  await pass(1);
  expect(told).toEqual([true, true, false]);
});
