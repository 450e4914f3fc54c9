// Puts the channel's emoji on a message; the one that is there already is taken off.
import { names } from "../../api/cache";
import { api, asked, type Message } from "../../api/client";
import { useAccess } from "../../app/access";
import { useChange } from "../../app/useChange";
import { ownOf } from "./reactions";

export function useReact(message: Message) {
  const { session } = useAccess();
  return useChange(names.messages(message.chat_id), (emoji: string) =>
    asked(
      api.POST("/api/v1/messages/{message_id}/reaction", {
        params: { path: { message_id: message.id } },
        body: { emoji: emoji === ownOf(message) ? null : emoji, author: session.name },
      }),
    ),
  );
}
