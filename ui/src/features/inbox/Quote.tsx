// What a message answers: who said it and its beginning. A press leads there.
import type { Message } from "../../api/client";
import { useMessages } from "../../api/queries";
import { useWords } from "../../i18n/words";

export function Quote({ chat, id }: { chat: string; id: string }) {
  const { t } = useWords();
  const { messages } = useMessages(chat);
  const quoted = messages.find((one) => one.id === id);
  if (quoted === undefined) return <p className="quote">{t("quote.earlier")}</p>;
  const show = () => {
    const place = document.querySelector(`[data-message="${CSS.escape(id)}"]`);
    place?.scrollIntoView({ block: "center" });
  };
  return (
    <button type="button" className="quote" onClick={show}>
      <Quoted message={quoted} />
    </button>
  );
}

export function Quoted({ message }: { message: Message }) {
  const { t } = useWords();
  const isOwn = message.direction === "outgoing";
  return (
    <>
      <strong>{isOwn ? (message.author ?? t("quote.us")) : t("quote.them")}</strong>
      <span className="one-line">{message.text ?? t("message.file")}</span>
    </>
  );
}
