// Puts messages and the channel's changes into one order.
import type { Channel, Message, Schemas } from "../../api/client";
import type { Change } from "../../status/slices";

export type Line =
  | { readonly what: "message"; readonly at: string; readonly message: Message }
  | { readonly what: "change"; readonly at: string; readonly change: Change }
  | { readonly what: "catchUp"; readonly at: string; readonly catchUp: CatchUp }
  | { readonly what: "gap"; readonly at: string; readonly gap: Gap };

export type Gap = Schemas["GapView"];

export type CatchUp = NonNullable<Channel["catch_up"]>;

/** `isPart`: older messages are not loaded yet, so older changes would stand in a heap above. */
export function linesOf(
  messages: readonly Message[],
  changes: readonly Change[],
  isPart: boolean,
  catchUp: CatchUp | null = null,
  gaps: readonly Gap[] = [],
): readonly Line[] {
  const first = messages[0]?.created_at ?? "";
  const said: Line[] = messages.map((message) => ({
    what: "message",
    at: message.created_at,
    message,
  }));
  const seen: Line[] = lasting(changes)
    .filter(({ at }) => messages.length > 0 && (!isPart || at >= first) && at >= first)
    .map((change) => ({ what: "change", at: change.at, change }));
  const caught: Line[] =
    catchUp !== null && catchUp.expected > 0 && messages.length > 0 && catchUp.at >= first
      ? [{ what: "catchUp", at: catchUp.at, catchUp }]
      : [];
  const missed: Line[] = gaps
    .filter(({ until }) => messages.length > 0 && until >= first)
    .map((gap) => ({ what: "gap", at: gap.until, gap }));
  return [...said, ...seen, ...caught, ...missed].toSorted(
    (a, b) => Date.parse(a.at) - Date.parse(b.at),
  );
}

/** Without the moments in between: who reads a chat wants to know what it came to. */
export function lasting(changes: readonly Change[]): readonly Change[] {
  let shown = changes.find(({ old }) => old !== "JUST_A_MINUTE")?.old ?? "ACTIVE";
  return changes.filter((change) => {
    if (change.new === "JUST_A_MINUTE" || change.new === shown) return false;
    shown = change.new;
    return true;
  });
}
