// What of the inbox is shown; kept in the address, so that it survives a reload and can be sent to a colleague.
import { useMemo } from "react";
import { useLocation, useSearch } from "wouter";
import type { ChatFilter } from "../../api/cache";

export type SetFilter = (change: Partial<ChatFilter>) => void;

export function useFilter(): readonly [ChatFilter, SetFilter] {
  const search = useSearch();
  const [path, goTo] = useLocation();
  const filter = useMemo(() => filterOf(search), [search]);
  const set: SetFilter = (change) =>
    goTo(path + searchOf({ ...filter, ...change }), { replace: true });
  return [filter, set];
}

export function filterOf(search: string): ChatFilter {
  const words = new URLSearchParams(search);
  return {
    q: words.get("q") ?? "",
    channel: words.get("channel") ?? "",
    unanswered: words.get("show") === "unanswered",
    mine: words.get("show") === "mine",
  };
}

/** `at` is the message to open a chat at: the one that was found. */
export function searchOf({ q, channel, unanswered, mine }: ChatFilter, at?: string): string {
  const words = new URLSearchParams();
  if (q !== "") words.set("q", q);
  if (channel !== "") words.set("channel", channel);
  if (unanswered) words.set("show", "unanswered");
  if (mine) words.set("show", "mine");
  if (at !== undefined) words.set("at", at);
  const text = words.toString();
  return text === "" ? "" : `?${text}`;
}
