// A message on its way to the server.
import { useTimes } from "../../i18n/times";
import { Attachment } from "./Attachment";
import type { Pending } from "./pending";
import { Quote } from "./Quote";
import { Tick } from "./Tick";

export function PendingBubble({ pending, chat }: { pending: Pending; chat: string }) {
  const { clock } = useTimes();
  return (
    <article className="bubble own" data-status="pending">
      {pending.quoted !== null && <Quote chat={chat} id={pending.quoted} />}
      {pending.uri !== null && <Attachment uri={pending.uri} />}
      {pending.text !== null && <p className="bubble-text">{pending.text}</p>}
      <footer>
        <time dateTime={pending.at}>{clock(pending.at)}</time>
        <Tick status="queued" />
      </footer>
    </article>
  );
}
