// Which chips a message has: everybody's emojis, and what the channel's own will be.
import { expect, test } from "vitest";
import type { Message, Schemas } from "../../api/client";
import { canReact, chipsOf, ownOf } from "./reactions";

type Reaction = Schemas["ReactionView"];
type Wish = Schemas["ReactingView"];

const at = "2026-01-01T09:00:00Z";
const theirs = (emoji: string, name: string | null = "Anna"): Reaction => ({
  emoji,
  by: "person",
  author: "79161234567",
  name,
  at,
});
const ours = (emoji: string): Reaction => ({
  emoji,
  by: "channel",
  author: null,
  name: "Olga",
  at,
});
const wish = (emoji: string | null, status = "queued"): Wish => ({
  emoji,
  status,
  name: "Petr",
  at,
  error: status === "failed" ? { code: "gone", text: "There is none" } : null,
});
const message = (reactions: Reaction[], reacting: Wish | null = null) =>
  ({ reactions, reacting, deleted_at: null, status: "read" }) as unknown as Message;
const chips = (one: Message) => chipsOf(one, (address) => `+${address}`);

test("one emoji of several people is one chip with all their names", () => {
  const found = chips(message([theirs("👍"), ours("👍"), theirs("🙏", null)]));
  expect(found.map((one) => [one.emoji, one.names, one.isOurs])).toEqual([
    ["👍", ["Anna", "Olga"], true],
    ["🙏", ["+79161234567"], false],
  ]);
});

test("a wish takes the place of what stands, and says that it waits", () => {
  const one = message([ours("👍"), theirs("❤️")], wish("❤️"));
  expect(chips(one)).toEqual([
    { emoji: "❤️", names: ["Anna", "Petr"], isOurs: true, waits: "on", fault: null },
  ]);
  expect(ownOf(one)).toBe("❤️");
});

test("what is to be taken off stands until it is", () => {
  const one = message([ours("👍")], wish(null));
  expect(chips(one).map(({ emoji, waits }) => [emoji, waits])).toEqual([["👍", "off"]]);
  expect(ownOf(one)).toBeNull();
});

test("what failed is shown with why, beside what still stands", () => {
  const one = message([ours("👍")], wish("❤️", "failed"));
  expect(chips(one).map(({ emoji, isOurs, fault }) => [emoji, isOurs, fault])).toEqual([
    ["👍", true, null],
    ["❤️", false, "There is none"],
  ]);
  expect(ownOf(one)).toBe("👍");
});

test("only what both sides have can be reacted to", () => {
  const one = message([]);
  expect(canReact(one)).toBe(true);
  expect(canReact({ ...one, status: "queued" })).toBe(false);
  expect(canReact({ ...one, deleted_at: at })).toBe(false);
});
