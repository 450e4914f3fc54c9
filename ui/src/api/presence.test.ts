// Time is made here; what the stream would tell is said by hand. Each test has a chat of its own.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GONE_AFTER_MS, namesIn, noteFrom, watchPresence } from "./presence";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.runAllTimers();
  vi.useRealTimers();
});

function say(chat_id: string, name: string, writing: boolean): void {
  const body = { chat_id, operator_id: `id of ${name}`, name, writing };
  noteFrom({ kind: "presence", channel_id: "desk", body });
}

test("who writes is named in that chat, in the order of beginning, until they stop", () => {
  say("a", "Anna", true);
  say("a", "Boris", true);
  say("b", "Vera", true);
  say("a", "Anna", true);
  expect(namesIn("a")).toEqual(["Anna", "Boris"]);
  expect(namesIn("b")).toEqual(["Vera"]);
  say("a", "Anna", false);
  expect(namesIn("a")).toEqual(["Boris"]);
  say("a", "Boris", false);
  expect(namesIn("a")).toEqual([]);
});

test("of whom nothing more is heard is forgotten, and only of them", () => {
  say("silent", "Anna", true);
  vi.advanceTimersByTime(GONE_AFTER_MS - 1);
  expect(namesIn("silent")).toEqual(["Anna"]);
  say("silent", "Boris", true);
  vi.advanceTimersByTime(1);
  expect(namesIn("silent")).toEqual(["Boris"]);
});

test("who goes on writing stays", () => {
  for (let n = 0; n < 10; n += 1) {
    say("long", "Anna", true);
    vi.advanceTimersByTime(GONE_AFTER_MS - 1);
    expect(namesIn("long")).toEqual(["Anna"]);
  }
});

test("who comes back after a stop is not ended by the time of before", () => {
  say("again", "Anna", true);
  vi.advanceTimersByTime(GONE_AFTER_MS - 1);
  say("again", "Anna", false);
  say("again", "Anna", true);
  vi.advanceTimersByTime(GONE_AFTER_MS - 1);
  expect(namesIn("again")).toEqual(["Anna"]);
});

test("the page is drawn anew only when somebody comes or goes", () => {
  const look = vi.fn();
  const end = watchPresence(look);
  say("drawn", "Anna", false);
  expect(look).toHaveBeenCalledTimes(0);
  say("drawn", "Anna", true);
  const names = namesIn("drawn");
  say("drawn", "Anna", true);
  expect(namesIn("drawn")).toBe(names);
  vi.advanceTimersByTime(GONE_AFTER_MS);
  expect(look).toHaveBeenCalledTimes(2);
  end();
  say("drawn", "Anna", true);
  expect(look).toHaveBeenCalledTimes(2);
});
