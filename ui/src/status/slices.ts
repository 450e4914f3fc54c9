// Cuts a history into slices of time. A slice shows its worst status, so that one bad minute is seen.
import type { Schemas } from "../api/client";
import { lookOf } from "./look";

export type Change = Schemas["HistoryView"];

export interface Stretch {
  readonly code: string;
  readonly from: number;
  readonly until: number;
}

export interface Slice {
  readonly from: number;
  readonly until: number;
  /** null: the channel did not exist yet. */
  readonly code: string | null;
}

/** What was shown from when to when. `began` is the channel's own beginning. */
export function stretches(
  changes: readonly Change[],
  now: { code: string; at: number },
  began: number,
): Stretch[] {
  const starts = changes.map(({ at, new: code }) => ({ code, from: Date.parse(at) }));
  const before = changes[0]?.old ?? now.code;
  const known = before === "" ? starts : [{ code: before, from: began }, ...starts];
  return known.map((one, n) => ({ ...one, until: known[n + 1]?.from ?? now.at }));
}

export function slices(all: readonly Stretch[], from: number, until: number, count: number) {
  const width = (until - from) / count;
  return Array.from({ length: count }, (_, n): Slice => {
    const start = from + n * width;
    const inside = all.filter((one) => one.from < start + width && one.until > start);
    const worst = inside.toSorted((a, b) => lookOf(a.code).height - lookOf(b.code).height)[0];
    return { from: start, until: start + width, code: worst?.code ?? null };
  });
}

/** Which part of the time that it existed a channel was active. */
export function activeShare(all: readonly Stretch[], from: number, until: number): number {
  let active = 0;
  let known = 0;
  for (const one of all) {
    const length = Math.min(one.until, until) - Math.max(one.from, from);
    if (length <= 0) continue;
    known += length;
    if (one.code === "ACTIVE") active += length;
  }
  return known === 0 ? 0 : active / known;
}
