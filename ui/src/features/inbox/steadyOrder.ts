// Keeps rows where they are while somebody points at them: a click must hit what was aimed at.
import { useCallback, useEffect, useRef, useState } from "react";
import type { Chat } from "../../api/client";

/** A pointer that has not moved for so long aims at nothing. */
const AIMING_MS = 1_500;

export function useSteadyOrder(chats: readonly Chat[]): readonly [readonly Chat[], () => void] {
  const [aiming, setAiming] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const order = useRef<readonly string[]>([]);
  const onPointer = useCallback(() => {
    setAiming(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setAiming(false), AIMING_MS);
  }, []);
  useEffect(() => () => clearTimeout(timer.current), []);
  const shown = aiming ? inOrder(chats, order.current) : chats;
  order.current = shown.map(({ id }) => id);
  return [shown, onPointer];
}

/** Chats in the places they had; those that came since follow behind. */
export function inOrder(chats: readonly Chat[], order: readonly string[]): readonly Chat[] {
  const place = new Map(order.map((id, n) => [id, n]));
  const at = (chat: Chat) => place.get(chat.id) ?? order.length;
  return chats.toSorted((one, other) => at(one) - at(other));
}
