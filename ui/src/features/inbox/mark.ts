// Sets what people decide about a chat: its counter, and whose it is.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { names, refreshChat } from "../../api/cache";
import { api, asked, type Chat } from "../../api/client";
import { useComplaint } from "../../app/complaints";

interface Mark {
  readonly unanswered?: number;
  readonly owner_id?: string | null;
}

export function useMark(chat: Chat) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: Mark) =>
      asked(api.PATCH("/api/v1/chats/{chat}", { params: { path: { chat: chat.id } }, body })),
    onSuccess: () => {
      void refreshChat(cache, chat.id);
      void cache.invalidateQueries({ queryKey: names.chatCount });
    },
    onError: useComplaint(),
  });
}
