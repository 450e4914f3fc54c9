// Messages that were sent from this page and that the server has not shown yet: the clock is there at once.
import { type QueryClient, useQuery } from "@tanstack/react-query";
import type { Message } from "../../api/client";

export interface Pending {
  /** Chosen here, so that a repeat is the same message (law M6). */
  readonly ref: string;
  readonly text: string | null;
  readonly uri: string | null;
  /** The message that it answers. */
  readonly quoted: string | null;
  readonly at: string;
}

const nameOf = (chat: string) => ["pending", chat] as const;

export function usePending(chat: string, shown: readonly Message[]): readonly Pending[] {
  const { data = [] } = useQuery<readonly Pending[]>({
    queryKey: nameOf(chat),
    queryFn: () => [],
    enabled: false, // Nobody knows of them but this page.
    initialData: [],
  });
  const known = new Set(shown.map((message) => message.client_ref));
  return data.filter(({ ref }) => !known.has(ref));
}

export function addPending(cache: QueryClient, chat: string, one: Pending): void {
  cache.setQueryData<readonly Pending[]>(nameOf(chat), (all = []) => [...all, one]);
}

export function dropPending(cache: QueryClient, chat: string, ref: string): void {
  cache.setQueryData<readonly Pending[]>(nameOf(chat), (all = []) =>
    all.filter((one) => one.ref !== ref),
  );
}
