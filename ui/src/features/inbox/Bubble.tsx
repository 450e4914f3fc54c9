// One message: its words or file, who wrote it and when, how far it came, and what can be done about it.
import { lazy, Suspense } from "react";
import type { Chat, Message } from "../../api/client";
import { useTimes } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { Brought } from "./Attachment";
import { BubbleMenu } from "./BubbleMenu";
import { Outcome } from "./Outcome";
import { Quote } from "./Quote";
import { Said } from "./Said";
import { Tick } from "./Tick";

/** Most messages have none. */
const Reactions = lazy(() => import("./Reactions"));

export function Bubble({ message, chat }: { message: Message; chat: Chat }) {
  const { t } = useWords();
  const { clock, exact } = useTimes();
  if (message.direction === "notice") {
    return (
      <p className="log-notice" role="status">
        {message.text}
      </p>
    );
  }
  const isOwn = message.direction === "outgoing";
  const isWrong = message.status === "failed" || message.status === "uncertain";
  const look = ["bubble", isOwn && "own", isWrong && "wrong"].filter(Boolean).join(" ");
  const isGone = message.deleted_at !== null || message.status === "cancelled";
  return (
    <article className={look} data-message={message.id} data-status={message.status}>
      <BubbleMenu message={message} />
      {message.quoted_message_id !== null && (
        <Quote chat={message.chat_id} id={message.quoted_message_id} />
      )}
      {message.content !== null && <Brought content={message.content} />}
      {message.text !== null && <Said text={message.text} isGone={isGone} />}
      {message.deleted_at !== null && <p className="bubble-text gone">{t("message.deleted")}</p>}
      <Outcome message={message} chat={chat} />
      <footer>
        {message.author !== null && isOwn && <span>{message.author}</span>}
        {message.edited_at !== null && <span>{t("message.edited")}</span>}
        {message.retrieved && <span>{t("message.retrieved")}</span>}
        <time dateTime={message.created_at} title={exact(message.created_at)}>
          {clock(message.created_at)}
        </time>
        {isOwn && <Tick status={message.status} />}
      </footer>
      {(message.reactions.length > 0 || message.reacting !== null) && (
        <Suspense fallback={null}>
          <Reactions message={message} />
        </Suspense>
      )}
    </article>
  );
}
