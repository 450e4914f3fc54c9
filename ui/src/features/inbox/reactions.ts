// What stands on a message and what is still wished for, as chips: one for each emoji. Pure.
import type { Message } from "../../api/client";

export interface Chip {
  readonly emoji: string;
  /** Who put it there; null is the channel, of which nobody knows who it was. */
  readonly names: readonly (string | null)[];
  readonly isOurs: boolean;
  /** A wish that waits: to be put on, or to be taken off. */
  readonly waits: "on" | "off" | null;
  /** Why a wish came to nothing. */
  readonly fault: string | null;
}

/** The emojis of phones' own short list. */
export const QUICK = ["👍", "❤️", "😂", "😮", "😢", "🙏"] as const;

const ON_THE_WIRE = new Set(["received", "sent", "delivered", "read"]);

export function canReact(message: Message): boolean {
  return message.deleted_at === null && ON_THE_WIRE.has(message.status);
}

/** The channel's own emoji, as it will be when nothing waits any more. */
export function ownOf({ reactions, reacting }: Message): string | null {
  if (reacting !== null && reacting.status !== "failed") return reacting.emoji;
  return reactions.find(({ by }) => by === "channel")?.emoji ?? null;
}

export function chipsOf(message: Message, nameOf: (address: string) => string): Chip[] {
  const { reactions, reacting } = message;
  const wish = reacting !== null && reacting.status !== "failed" ? reacting : null;
  const chips = new Map<string, Chip>();
  for (const { emoji, by, author, name } of reactions) {
    const isOurs = by === "channel";
    if (isOurs && wish?.emoji) continue; // The new one takes its place.
    const before = chips.get(emoji) ?? { emoji, ...BARE };
    chips.set(emoji, {
      ...before,
      names: [...before.names, name ?? (author === null ? null : nameOf(author))],
      isOurs: before.isOurs || isOurs,
      waits: isOurs && wish !== null ? "off" : before.waits,
    });
  }
  if (wish?.emoji) {
    const before = chips.get(wish.emoji) ?? { emoji: wish.emoji, ...BARE };
    const names = [...before.names, wish.name];
    chips.set(wish.emoji, { ...before, names, isOurs: true, waits: "on" });
  }
  const failed = reacting?.status === "failed" ? reacting : null;
  const wanted = failed === null ? null : (failed.emoji ?? ownOf(message));
  if (failed !== null && wanted !== null) {
    const before = chips.get(wanted) ?? { emoji: wanted, ...BARE };
    chips.set(wanted, { ...before, fault: failed.error?.text ?? "" });
  }
  return [...chips.values()];
}

const BARE = { names: [], isOurs: false, waits: null, fault: null } as const;
