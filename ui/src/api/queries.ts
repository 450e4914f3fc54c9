// What pages read, each under its own name.
import {
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useMemo } from "react";
import { type ChatFilter, names } from "./cache";
import { api, asked, type Channel, type Chat, type Message } from "./client";

const CHATS_PER_PAGE = 100;
const MESSAGES_AT_FIRST = 50;
const MESSAGES_PER_PAGE = 200;

/** All channels, also deleted ones: their chats and their past are still asked for. */
export function useChannels() {
  return useQuery({
    queryKey: names.channels,
    queryFn: () => asked(api.GET("/api/v1/channels", { params: { query: { deleted: true } } })),
  });
}

export function useChannel(id: string | undefined): Channel | undefined {
  const { data } = useChannels();
  return useMemo(() => data?.find((channel) => channel.id === id), [data, id]);
}

export function useHistory(channel: string, hours: number, enabled = true) {
  const since = new Date(Math.floor(Date.now() / 60_000) * 60_000 - hours * 3_600_000);
  return useQuery({
    queryKey: names.history(channel, `${hours}`),
    queryFn: () =>
      asked(
        api.GET("/api/v1/channels/{channel_id}/history", {
          params: { path: { channel_id: channel }, query: { from: since.toISOString() } },
        }),
      ),
    enabled,
    placeholderData: keepPreviousData,
  });
}

/** When messages may be missing. */
export function useGaps(channel: string, enabled = true) {
  return useQuery({
    queryKey: names.gaps(channel),
    queryFn: () =>
      asked(
        api.GET("/api/v1/channels/{channel_id}/gaps", {
          params: { path: { channel_id: channel }, query: { limit: 20 } },
        }),
      ),
    enabled,
  });
}

export function useChats(filter: ChatFilter) {
  const found = useInfiniteQuery({
    queryKey: names.chats(filter),
    queryFn: ({ pageParam }) =>
      asked(
        api.GET("/api/v1/chats", {
          params: {
            query: {
              q: filter.q || undefined,
              channel: filter.channel || undefined,
              unanswered: filter.unanswered || undefined,
              mine: filter.mine || undefined,
              limit: CHATS_PER_PAGE,
              offset: pageParam,
            },
          },
        }),
      ),
    initialPageParam: 0,
    getNextPageParam: (page: Chat[], _all, offset) =>
      page.length < CHATS_PER_PAGE ? undefined : offset + CHATS_PER_PAGE,
    placeholderData: keepPreviousData, // "Nothing found" while it is being looked for is a lie.
  });
  const chats = useMemo(() => onceEach(found.data?.pages ?? []), [found.data]);
  return { ...found, chats };
}

/** Chats that moved between two pages while these were read are there twice. */
function onceEach(pages: readonly Chat[][]): Chat[] {
  return [...new Map(pages.flat().map((chat) => [chat.id, chat])).values()];
}

export function useChatCount() {
  return useQuery({
    queryKey: names.chatCount,
    queryFn: () => asked(api.GET("/api/v1/chats/count")),
  });
}

export function useChat(id: string) {
  const cache = useQueryClient();
  return useQuery({
    queryKey: names.chat(id),
    queryFn: () => asked(api.GET("/api/v1/chats/{chat}", { params: { path: { chat: id } } })),
    placeholderData: () =>
      cache
        .getQueriesData<{ pages: Chat[][] }>({ queryKey: ["chats", "list"] })
        .flatMap(([, list]) => list?.pages.flat() ?? [])
        .find((chat) => chat.id === id),
  });
}

export function useMessages(chat: string) {
  const found = useInfiniteQuery({
    queryKey: names.messages(chat),
    queryFn: ({ pageParam }) =>
      asked(
        api.GET("/api/v1/chats/{chat}/messages", {
          params: {
            path: { chat },
            query: {
              before: pageParam,
              limit: pageParam === undefined ? MESSAGES_AT_FIRST : MESSAGES_PER_PAGE,
            },
          },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Message[], all) =>
      page.length < (all.length === 1 ? MESSAGES_AT_FIRST : MESSAGES_PER_PAGE)
        ? undefined
        : page[0]?.id,
  });
  const messages = useMemo(() => (found.data?.pages ?? []).toReversed().flat(), [found.data]);
  return { ...found, messages };
}

/** Whose own a chat can be. */
export function useColleagues() {
  return useQuery({
    queryKey: ["people", "names"],
    queryFn: () => asked(api.GET("/api/v1/people/names")),
  });
}

export function useAccount(enabled = true) {
  return useQuery({
    queryKey: names.account,
    queryFn: () => asked(api.GET("/api/v1/account")),
    enabled,
  });
}
