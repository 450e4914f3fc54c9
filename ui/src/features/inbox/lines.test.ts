// What stands between the messages of a chat, and in which order.
import { expect, test } from "vitest";
import type { Message } from "../../api/client";
import type { Change } from "../../status/slices";
import { lasting, linesOf } from "./lines";

const at = (minute: number) => `2026-01-01T09:${`${minute}`.padStart(2, "0")}:00Z`;
const message = (minute: number) => ({ id: `m${minute}`, created_at: at(minute) }) as Message;
const change = (minute: number, old: string, now: string) =>
  ({ id: minute, at: at(minute), old, new: now }) as Change;
const whats = (lines: ReturnType<typeof linesOf>) => lines.map(({ what }) => what);

test("changes of the channel and what was retrieved stand where they happened", () => {
  const changes = [change(2, "ACTIVE", "PHONE_UNAVAILABLE")];
  const lines = linesOf([message(1), message(4)], changes, false, {
    at: at(3),
    expected: 2,
    retrieved: 2,
  });
  expect(whats(lines)).toEqual(["message", "change", "catchUp", "message"]);
});

test("what happened before the first message that is loaded is not heaped above it", () => {
  const changes = [change(1, "ACTIVE", "SCAN_QR"), change(6, "SCAN_QR", "ACTIVE")];
  const caught = { at: at(2), expected: 1, retrieved: 1 };
  expect(whats(linesOf([message(5)], changes, true, caught))).toEqual(["message", "change"]);
});

test("a stretch that may miss messages stands at its end", () => {
  const gap = { since: at(1), until: at(3), noted_at: at(9) };
  const lines = linesOf([message(2), message(4)], [], false, null, [gap]);
  expect(whats(lines)).toEqual(["message", "gap", "message"]);
});

test("a catch-up that found nothing waiting says nothing", () => {
  const caught = { at: at(2), expected: 0, retrieved: 0 };
  expect(whats(linesOf([message(1)], [], false, caught))).toEqual(["message"]);
});

test("the moments between two statuses are left out", () => {
  const changes = [
    change(1, "ACTIVE", "JUST_A_MINUTE"),
    change(2, "JUST_A_MINUTE", "ACTIVE"),
    change(3, "ACTIVE", "JUST_A_MINUTE"),
    change(4, "JUST_A_MINUTE", "SCAN_QR"),
  ];
  expect(lasting(changes).map((one) => one.new)).toEqual(["SCAN_QR"]);
});
