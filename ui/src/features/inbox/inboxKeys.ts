// The inbox by keyboard alone.
import { type RefObject, useEffect } from "react";
import { useLocation, useSearch } from "wouter";
import type { Chat } from "../../api/client";
import { isWriting } from "../../app/KeyMap";
import { useLetterKeys } from "../../app/preferences";

export function useInboxKeys(
  chats: readonly Chat[],
  open: string | undefined,
  search: RefObject<HTMLInputElement | null>,
): void {
  const [, goTo] = useLocation();
  const words = useSearch();
  const [letters] = useLetterKeys();
  useEffect(() => {
    const show = (chat: Chat | undefined) => {
      if (chat !== undefined) goTo(`/inbox/${chat.id}${words === "" ? "" : `?${words}`}`);
    };
    const step = (by: number) => {
      const at = chats.findIndex(({ id }) => id === open);
      show(chats[Math.min(Math.max(at + by, 0), chats.length - 1)]);
    };
    const nextUnanswered = () => show(chats.find((one) => one.unanswered > 0 && one.id !== open));
    const keys: Readonly<Record<string, () => void>> = {
      "Alt+ArrowDown": () => step(1),
      "Alt+ArrowUp": () => step(-1),
      "Alt+KeyN": nextUnanswered,
    };
    const lettersAlone: Readonly<Record<string, () => void>> = {
      KeyJ: () => step(1),
      KeyK: () => step(-1),
      Slash: () => search.current?.focus(),
    };
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey) return;
      const isFree = letters && !event.altKey && !event.shiftKey && !isWriting(event);
      const act = isFree
        ? lettersAlone[event.code]
        : keys[`${event.altKey ? "Alt+" : ""}${event.code}`];
      if (act === undefined) {
        if (event.key === "Escape" && open !== undefined && !isInDialog(event)) leave(event);
        return;
      }
      event.preventDefault();
      act();
    };
    const leave = (event: KeyboardEvent) => {
      if (isWriting(event)) (event.target as HTMLElement).blur();
      else goTo(`/inbox${words === "" ? "" : `?${words}`}`);
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [chats, open, words, letters, goTo, search]);
}

function isInDialog(event: KeyboardEvent): boolean {
  return (event.target as HTMLElement).closest('[role="dialog"], [role="menu"]') !== null;
}
