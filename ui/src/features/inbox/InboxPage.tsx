// The inbox: who waits for an answer, what was said, and the place to answer.
import "./inbox.css";
import { useRef } from "react";
import { Link } from "wouter";
import { useChat, useChats } from "../../api/queries";
import { useWords } from "../../i18n/words";
import { ChatPane } from "./ChatPane";
import { DialogList } from "./DialogList";
import { useFilter } from "./filter";
import { useInboxKeys } from "./inboxKeys";

export default function InboxPage({ chat }: { chat: string | undefined }) {
  const { t } = useWords();
  const [filter, setFilter] = useFilter();
  const found = useChats(filter);
  const search = useRef<HTMLInputElement>(null);
  useInboxKeys(found.chats, chat, search);
  return (
    <div className="inbox" data-open={chat !== undefined}>
      {chat === undefined && <h1 className="unseen">{t("nav.inbox")}</h1>}
      <DialogList found={found} open={chat} filter={filter} setFilter={setFilter} search={search} />
      {chat === undefined ? (
        <section className="chat chat-none">
          <p className="empty">{t("inbox.choose")}</p>
        </section>
      ) : (
        <OneChat key={chat} id={chat} />
      )}
    </div>
  );
}

function OneChat({ id }: { id: string }) {
  const { t } = useWords();
  const { data: chat, isError } = useChat(id);
  if (chat !== undefined) return <ChatPane chat={chat} />;
  return (
    <section className="chat chat-none">
      {isError && (
        <p className="empty">
          {t("inbox.noChat")} <Link href="/inbox">{t("nav.inbox")}</Link>
        </p>
      )}
    </section>
  );
}
