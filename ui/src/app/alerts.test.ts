// When somebody who looks elsewhere is called.
import { expect, test } from "vitest";
import type { Channel, Chat } from "../api/client";
import type { Fact } from "../api/stream";
import { alertOfChannel, alertOfChat, concerns, SILENT, type Wishes } from "./alerts";

const ALL: Wishes = { channels: true, chats: "all", sound: false };
const MINE: Wishes = { ...ALL, chats: "mine" };

const fact = (kind: string, body: Record<string, unknown>): Fact => ({
  id: "1",
  at: "",
  kind,
  channel_id: "c",
  body,
});
const said = (more = {}) => fact("message.received", { echo: false, retrieved: false, ...more });
const turned = (status: string) => fact("channel.status", { new: status });

test.each([
  ["a message", said(), ALL, true],
  ["a message, for one's own chats", said(), MINE, true],
  ["a message, to whoever wants none", said(), { ...ALL, chats: "none" } as Wishes, false],
  ["what was typed on the phone itself", said({ echo: true }), ALL, false],
  ["what is retrieved from long ago", said({ retrieved: true }), ALL, false],
  ["a channel that needs somebody", turned("SCAN_QR"), ALL, true],
  ["a channel that works again", turned("ACTIVE"), ALL, false],
  ["a channel, to whoever asked for chats", turned("SCAN_QR"), { ...ALL, channels: false }, false],
  ["anything else", fact("message.sent", {}), ALL, false],
  ["anything, to whoever asked for nothing", said(), SILENT, false],
] as const)("%s concerns: %#", (_what, heard, wishes, does) => {
  expect(concerns(heard, wishes)).toBe(does);
});

const chat = (more: Partial<Chat>) =>
  ({
    id: "7",
    name: "Anna",
    phone: "79",
    unanswered: 1,
    owner_id: null,
    last_message: null,
    ...more,
  }) as Chat;

test("somebody else's chat calls only whoever wants all", () => {
  const theirs = chat({ owner_id: "viktor" });
  expect(alertOfChat(theirs, "me", MINE)).toBeNull();
  expect(alertOfChat(theirs, "me", ALL)).toMatchObject({ title: "Anna", path: "/inbox/7" });
  expect(alertOfChat(chat({ owner_id: "me" }), "me", MINE)).not.toBeNull();
});

test("a chat that was answered meanwhile calls nobody", () => {
  expect(alertOfChat(chat({ unanswered: 0 }), "me", ALL)).toBeNull();
});

test("a channel that has helped itself meanwhile calls nobody", () => {
  const channel = (code: string) =>
    ({ id: "c", name: "Sales", status: { code, title: "T", reason_text: "why" } }) as Channel;
  expect(alertOfChannel(channel("ACTIVE"))).toBeNull();
  expect(alertOfChannel(channel("SCAN_QR"))).toEqual({
    title: "Sales — T",
    body: "why",
    path: "/channels/c",
  });
});
