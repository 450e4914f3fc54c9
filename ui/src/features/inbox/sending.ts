// Sends one message: shown at once, stored by the server, and given back if the server declines it.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { names, refreshChat } from "../../api/cache";
import { api, asked, type Chat } from "../../api/client";
import { useAccess } from "../../app/access";
import { useComplaint } from "../../app/complaints";
import { addPending, dropPending, type Pending } from "./pending";

export function useSend(chat: Chat) {
  const cache = useQueryClient();
  const { session } = useAccess();
  return useMutation({
    scope: { id: chat.id }, // One after another: the order of a chat is the order of pressing Enter.
    mutationFn: ({ ref, text, uri, quoted }: Pending) =>
      asked(
        api.POST("/api/v1/messages", {
          body: {
            channel_id: chat.channel_id,
            chat_id: chat.id,
            client_ref: ref,
            author: session.name,
            text,
            quoted_message_id: quoted,
            content: uri === null ? null : { uri },
          },
        }),
      ),
    onMutate: (pending) => addPending(cache, chat.id, pending),
    onSuccess: () => {
      void refreshChat(cache, chat.id);
      void cache.invalidateQueries({ queryKey: names.chatCount });
      return cache.invalidateQueries({ queryKey: names.messages(chat.id) });
    },
    onError: useComplaint(),
    onSettled: (_answer, _error, { ref }) => dropPending(cache, chat.id, ref),
  });
}
