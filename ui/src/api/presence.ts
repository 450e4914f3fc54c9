// Who writes in which chat just now. What is not said again is over: a browser may die without a word.
import { useCallback, useSyncExternalStore } from "react";
import type { Presence } from "./stream";

/** Longer than two of the sayings that a browser makes while somebody goes on writing. */
export const GONE_AFTER_MS = 7_000;

interface Operator {
  readonly name: string;
  readonly gone: ReturnType<typeof setTimeout>;
}

const NOBODY: readonly string[] = [];
const operators = new Map<string, Map<string, Operator>>();
const names = new Map<string, readonly string[]>();
const watchers = new Set<() => void>();

export function noteFrom({ body }: Presence): void {
  const { chat_id: chat, operator_id: operator, name, writing } = body;
  const there = operators.get(chat) ?? new Map<string, Operator>();
  clearTimeout(there.get(operator)?.gone);
  if (writing) {
    there.set(operator, { name, gone: setTimeout(() => leave(chat, operator), GONE_AFTER_MS) });
    show(chat, there);
  } else leave(chat, operator);
}

function leave(chat: string, operator: string): void {
  const there = operators.get(chat);
  if (there?.delete(operator)) show(chat, there);
}

function show(chat: string, there: Map<string, Operator>): void {
  const now = [...there.values()].map(({ name }) => name);
  if (now.length > 0) operators.set(chat, there);
  else operators.delete(chat);
  if (now.join("\n") === namesIn(chat).join("\n")) return;
  if (now.length > 0) names.set(chat, now);
  else names.delete(chat);
  for (const look of watchers) look();
}

/** The names of those who write in a chat, who began first; the same list until it changes. */
export function namesIn(chat: string): readonly string[] {
  return names.get(chat) ?? NOBODY;
}

/** Calls with each change until the returned function is called. */
export function watchPresence(look: () => void): () => void {
  watchers.add(look);
  return () => {
    watchers.delete(look);
  };
}

export function usePresence(chat: string): readonly string[] {
  return useSyncExternalStore(
    watchPresence,
    useCallback(() => namesIn(chat), [chat]),
  );
}
