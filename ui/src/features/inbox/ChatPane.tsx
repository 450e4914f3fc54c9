// One chat: who it is, what was said, what the channel's status means for it, and the place to write.
import { Button } from "@mantine/core";
import { IconArrowLeft, IconCheck } from "@tabler/icons-react";
import { useEffect, useMemo, useState } from "react";
import { Link, useSearch } from "wouter";
import type { Chat, Message } from "../../api/client";
import { useChannel } from "../../api/queries";
import { useAccess } from "../../app/access";
import { phoneText } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { Composer } from "./Composer";
import { nameOf } from "./DialogRow";
import { Log } from "./Log";
import { useMark } from "./mark";
import { QuotingContext } from "./quoting";
import { SidePanel } from "./SidePanel";

export function ChatPane({ chat }: { chat: Chat }) {
  const channel = useChannel(chat.channel_id);
  const { isWindow } = useAccess();
  const [quoted, quote] = useState<Message | null>(null);
  const quoting = useMemo(() => ({ quoted, quote }), [quoted]);
  return (
    <QuotingContext.Provider value={quoting}>
      <section className="chat" aria-label={nameOf(chat)}>
        <Head chat={chat} />
        <Log chat={chat} />
        {channel !== undefined && <Composer chat={chat} channel={channel} />}
      </section>
      {channel !== undefined && !isWindow && <SidePanel chat={chat} channel={channel} />}
    </QuotingContext.Provider>
  );
}

function Head({ chat }: { chat: Chat }) {
  const { t } = useWords();
  const { may } = useAccess();
  const search = useSearch();
  const channel = useChannel(chat.channel_id);
  const mark = useMark(chat);
  const mayWrite = may("write", chat.channel_id);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!event.altKey || event.code !== "KeyR" || !mayWrite) return;
      event.preventDefault();
      mark.mutate({ unanswered: chat.unanswered > 0 ? 0 : 1 });
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [mark, mayWrite, chat.unanswered]);
  return (
    <header className="chat-head">
      <Link
        href={`/inbox${search === "" ? "" : `?${search}`}`}
        className="back narrow-only"
        aria-label={t("inbox.back")}
      >
        <IconArrowLeft size={22} aria-hidden />
      </Link>
      <div className="chat-who">
        <h1 className="one-line">{nameOf(chat)}</h1>
        <p className="hint one-line">
          {chat.name !== null && `${phoneText(chat.phone)} · `}
          {channel?.name}
        </p>
      </div>
      {mayWrite && chat.unanswered > 0 && (
        <Button
          variant="default"
          size="sm"
          className="no-reply"
          leftSection={<IconCheck size={16} aria-hidden />}
          onClick={() => mark.mutate({ unanswered: 0 })}
        >
          <span className="wide-only">{t("inbox.noReply")}</span>
          <span className="unseen narrow-only">{t("inbox.noReply")}</span>
        </Button>
      )}
      {mayWrite && chat.unanswered === 0 && (
        <button
          type="button"
          className="link hint wide-only"
          onClick={() => mark.mutate({ unanswered: 1 })}
        >
          {t("inbox.markUnanswered")}
        </button>
      )}
    </header>
  );
}
