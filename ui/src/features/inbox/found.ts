// Opens a chat at the message that was found in it, however long ago that was said.
import { type RefObject, useEffect, useRef } from "react";
import { useSearch } from "wouter";
import type { useMessages } from "../../api/queries";

type Loaded = Pick<
  ReturnType<typeof useMessages>,
  "messages" | "hasNextPage" | "isFetching" | "fetchNextPage"
>;

/** The message to be shown; older ones are read until it is among them, and then it is brought into sight once. */
export function useFound(log: RefObject<HTMLElement | null>, loaded: Loaded): string | null {
  const at = new URLSearchParams(useSearch()).get("at");
  const shown = useRef<string | null>(null);
  const { messages, hasNextPage, isFetching, fetchNextPage } = loaded;
  useEffect(() => {
    if (at === null || shown.current === at) return;
    if (messages.some(({ id }) => id === at)) {
      shown.current = at;
      const bubble = log.current?.querySelector(`[data-message="${CSS.escape(at)}"]`);
      bubble?.scrollIntoView({ block: "center" });
    } else if (hasNextPage && !isFetching) void fetchNextPage();
  }, [at, log, messages, hasNextPage, isFetching, fetchNextPage]);
  return at;
}
