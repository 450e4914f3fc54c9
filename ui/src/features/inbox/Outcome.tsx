// A message that did not get through, or may not have: why, and the button that settles it.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { names } from "../../api/cache";
import { api, asked, type Chat, type Message } from "../../api/client";
import { useAccess } from "../../app/access";
import { useComplaint } from "../../app/complaints";
import { newId } from "../../app/newId";
import { useWords } from "../../i18n/words";
import { useSend } from "./sending";

export function Outcome({ message, chat }: { message: Message; chat: Chat }) {
  const { may } = useAccess();
  if (message.status !== "failed" && message.status !== "uncertain") return null;
  const mayWrite = may("write", message.channel_id);
  return (
    <div className="outcome">
      {message.status === "failed" ? (
        <Failed message={message} chat={chat} mayWrite={mayWrite} />
      ) : (
        <Uncertain message={message} mayWrite={mayWrite} />
      )}
    </div>
  );
}

function Failed(props: { message: Message; chat: Chat; mayWrite: boolean }) {
  const { t } = useWords();
  const { message, chat, mayWrite } = props;
  const send = useSend(chat);
  const again = () =>
    send.mutate({
      ref: newId(),
      text: message.text,
      uri: message.content?.uri ?? null,
      quoted: message.quoted_message_id,
      at: new Date().toISOString(),
    });
  return (
    <p>
      <strong>{t("outcome.failed")}</strong> {message.error?.text}{" "}
      {mayWrite && (
        <button type="button" className="link" onClick={again} disabled={send.isPending}>
          {t("outcome.again")}
        </button>
      )}
    </p>
  );
}

function Uncertain({ message, mayWrite }: { message: Message; mayWrite: boolean }) {
  const { t } = useWords();
  const cache = useQueryClient();
  const decide = useMutation({
    mutationFn: (arrived: boolean) =>
      asked(
        api.POST("/api/v1/messages/{message_id}/decide", {
          params: { path: { message_id: message.id } },
          body: { arrived },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: names.messages(message.chat_id) }),
    onError: useComplaint(),
  });
  return (
    <p>
      <strong>{t("outcome.uncertain")}</strong> {t("outcome.uncertain.text")}{" "}
      {mayWrite && (
        <>
          <button type="button" className="link" onClick={() => decide.mutate(true)}>
            {t("outcome.arrived")}
          </button>{" "}
          <button type="button" className="link" onClick={() => decide.mutate(false)}>
            {t("outcome.again")}
          </button>
        </>
      )}
    </p>
  );
}
