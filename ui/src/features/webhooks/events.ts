// What the monitor holds of the live stream, what of it is shown, and how it is kept. Pure.
import type { Fact } from "../../api/stream";

export interface EventFilter {
  /** Empty is all. */
  readonly kind: string;
  readonly channel: string;
  readonly text: string;
}

/** So many are held; older ones make room. */
export const HELD = 500;

/** The newest first, each once: after a break some are heard again. */
export function withNews(held: readonly Fact[], news: readonly Fact[]): readonly Fact[] {
  const known = new Set(held.map(({ id }) => id));
  const fresh = news.filter(({ id }) => !known.has(id));
  return fresh.length === 0 ? held : [...fresh.toReversed(), ...held].slice(0, HELD);
}

export function fits(fact: Fact, { kind, channel, text }: EventFilter): boolean {
  return (
    (kind === "" || fact.kind === kind) &&
    (channel === "" || fact.channel_id === channel) &&
    (text === "" || JSON.stringify(fact).toLowerCase().includes(text.toLowerCase()))
  );
}

/** One JSON a line, in the order in which they happened. */
export function asLines(facts: readonly Fact[]): string {
  return facts
    .toReversed()
    .map((fact) => `${JSON.stringify(fact)}\n`)
    .join("");
}
