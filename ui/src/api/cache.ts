// What the page knows, by name, and how facts of the live stream change it.
import { type InfiniteData, QueryClient, type QueryKey } from "@tanstack/react-query";
import { api, asked, type Chat, type Message, Problem } from "./client";
import { gathered } from "./gathered";
import type { Fact } from "./stream";

export interface ChatFilter {
  readonly q: string;
  readonly channel: string;
  readonly unanswered: boolean;
  readonly mine: boolean;
}

export const names = {
  session: ["session"] as const,
  channels: ["channels"] as const,
  history: (channel: string, range: string) => ["history", channel, range] as const,
  gaps: (channel: string) => ["gaps", channel] as const,
  queue: (channel: string) => ["queue", channel] as const,
  chats: (filter: ChatFilter) => ["chats", "list", filter] as const,
  chatCount: ["chats", "count"] as const,
  chat: (id: string) => ["chats", "one", id] as const,
  messages: (chat: string) => ["messages", chat] as const,
  account: ["account"] as const,
  endpoints: ["endpoints"] as const,
  connections: ["connections"] as const,
};

export type ChatPages = InfiniteData<Chat[], number>;
export type MessagePages = InfiniteData<Message[], string | undefined>;

export function newCache(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: "always",
        staleTime: 60_000, // The live stream says when something changed.
        refetchOnWindowFocus: false,
        retry: (times, error) => !(error instanceof Problem) && times < 2,
        retryDelay: 1_000,
      },
      mutations: { networkMode: "always" },
    },
  });
}

/** Changes what is cached after a fact; several facts in a moment cause one reading. */
export function hearInto(cache: QueryClient): (fact: Fact) => void {
  const later = gathered(
    (keys) => Promise.all(keys.map((key) => readAgain(cache, JSON.parse(key)))),
    120,
  );
  const chats = gathered((ids) => refreshChats(cache, ids), 60);
  return (fact) => {
    const [subject] = fact.kind.split(".");
    const chat = fact.body.chat_id as string | undefined;
    if (subject === "channel") {
      later(names.channels);
      later(["history", fact.channel_id]);
    }
    if (fact.kind === "channel.missed") later(["gaps", fact.channel_id]);
    if (subject === "message" || subject === "houston") {
      later(names.channels);
      later(["queue", fact.channel_id]);
    }
    if (subject === "balance") later(names.account);
    if (fact.kind === "chat.merged") later(["chats", "list"]); // One chat of the list is gone.
    if (subject === "template") later(["templates"]);
    if (subject === "endpoint") later(names.endpoints);
    if (subject === "connection") later(names.connections);
    if (subject === "person" || subject === "key") later(["people"]);
    if (chat !== undefined) {
      later(names.messages(chat));
      later(names.chatCount);
      chats(chat);
    }
  };
}

/**
 * Reads what is shown anew. What is being read for the first time may have left the server before the
 * fact that calls for this, and a second reading would be taken for the same one: so that is awaited.
 */
export async function readAgain(cache: QueryClient, queryKey: QueryKey = []): Promise<void> {
  const first = cache.getQueryCache().findAll({
    queryKey,
    fetchStatus: "fetching",
    predicate: ({ state }) => state.data === undefined,
  });
  await Promise.allSettled(first.map(({ promise }) => promise));
  await cache.invalidateQueries({ queryKey });
}

/** Asking for more one by one costs the server more than the lists do; nobody reads these faster than so. */
const CHATS_ONE_BY_ONE = 10;
const LISTS_EVERY_MS = 1_000;

async function refreshChats(cache: QueryClient, ids: readonly string[]): Promise<unknown> {
  if (ids.length <= CHATS_ONE_BY_ONE) return Promise.all(ids.map((id) => refreshChat(cache, id)));
  await readAgain(cache, ["chats"]);
  return new Promise((done) => setTimeout(done, LISTS_EVERY_MS));
}

/** Puts one chat as it is now into every list that shows it, without reading the lists again. */
export async function refreshChat(cache: QueryClient, id: string): Promise<void> {
  const lists = cache.getQueryCache().findAll({ queryKey: ["chats", "list"] });
  const one = names.chat(id);
  if (lists.length === 0 && cache.getQueryData(one) === undefined) return;
  const chat = await asked(
    api.GET("/api/v1/chats/{chat}", { params: { path: { chat: id } } }),
  ).catch(() => null); // Not ours to see, or the server is away: then everything is read again.
  if (chat === null) return;
  cache.setQueryData(one, chat);
  for (const list of lists) {
    const filter = list.queryKey[2] as ChatFilter;
    const pages = cache.getQueryData<ChatPages>(list.queryKey);
    if (pages === undefined) continue;
    if (filter.mine && ownerIn(pages, id) !== chat.owner_id) void readAgain(cache, list.queryKey);
    else cache.setQueryData(list.queryKey, placed(pages, chat, filter));
  }
}

/** Whose a chat was when the pages were read. Only the server knows whether a new owner is the reader. */
function ownerIn(pages: ChatPages, id: string): string | null | undefined {
  return pages.pages.flat().find((chat) => chat.id === id)?.owner_id;
}

/** The pages with a chat where it belongs: unanswered first, then the newest. */
export function placed(pages: ChatPages, chat: Chat, filter: ChatFilter): ChatPages {
  const before = pages.pages.flat().find(({ id }) => id === chat.id);
  const wasThere = before !== undefined;
  const without = pages.pages.map((page) => page.filter(({ id }) => id !== chat.id));
  const fits =
    (filter.channel === "" || filter.channel === chat.channel_id) &&
    (!filter.unanswered || chat.unanswered > 0) &&
    (wasThere || filter.q === "");
  if (!fits) return { ...pages, pages: without };
  const isBefore = (other: Chat) => rank(chat) > rank(other);
  const at = without.findIndex((page, n) => page.some(isBefore) || n === without.length - 1);
  const page = without[at] ?? [];
  const place = page.findIndex(isBefore);
  const where = place < 0 ? page.length : place;
  const still = { ...chat, found: before?.found ?? null }; // What was looked for is known to lists alone.
  const grown = [...page.slice(0, where), still, ...page.slice(where)];
  return { ...pages, pages: without.map((one, n) => (n === at ? grown : one)) };
}

function rank(chat: Chat): string {
  return `${chat.unanswered > 0 ? 1 : 0}${chat.last_at}`;
}
