// Over a chat: who it is, that nobody waits here any more, and what is seldom done, behind three dots.
import { Button, Menu } from "@mantine/core";
import { IconArrowLeft, IconCheck } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { Link, useLocation, useSearch } from "wouter";
import type { Chat } from "../../api/client";
import { useChannel } from "../../api/queries";
import { useAccess } from "../../app/access";
import { Dialog } from "../../app/Dialog";
import { MoreMenu } from "../../app/MoreMenu";
import { phoneText } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { nameOf } from "./DialogRow";
import { useMark } from "./mark";
import { Owner } from "./Owner";

export function ChatHead({ chat }: { chat: Chat }) {
  const { t } = useWords();
  const { may, isWindow } = useAccess();
  const search = useSearch();
  const channel = useChannel(chat.channel_id);
  const mark = useMark(chat);
  const [owning, setOwning] = useState(false);
  const mayWrite = may("write", chat.channel_id);
  const toggle = () => mark.mutate({ unanswered: chat.unanswered > 0 ? 0 : 1 });
  const own = isWindow ? undefined : () => setOwning(true);
  useAltKeys({ KeyR: mayWrite ? toggle : undefined, KeyO: own });
  const markAgain = mayWrite && chat.unanswered === 0 ? toggle : undefined;
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
          onClick={toggle}
        >
          <span className="wide-only">{t("inbox.noReply")}</span>
          <span className="unseen narrow-only">{t("inbox.noReply")}</span>
        </Button>
      )}
      {markAgain !== undefined && (
        <button type="button" className="link hint" onClick={markAgain}>
          {t("inbox.markUnanswered")}
        </button>
      )}
      <ChatMenu chat={chat} onMarkAgain={markAgain} onOwn={own} />
      {owning && (
        <Dialog title={t("side.whose")} onClose={() => setOwning(false)}>
          <Owner chat={chat} />
        </Dialog>
      )}
    </header>
  );
}

interface MenuProps {
  readonly chat: Chat;
  readonly onMarkAgain: (() => void) | undefined;
  readonly onOwn: (() => void) | undefined;
}

function ChatMenu({ chat, onMarkAgain, onOwn }: MenuProps) {
  const { t } = useWords();
  const [, goTo] = useLocation();
  if (onMarkAgain === undefined && onOwn === undefined) return null;
  return (
    <div className="chat-more">
      <MoreMenu name={nameOf(chat)}>
        {onMarkAgain !== undefined && (
          <Menu.Item onClick={onMarkAgain}>{t("inbox.markUnanswered")}</Menu.Item>
        )}
        {onOwn !== undefined && (
          <>
            <Menu.Item onClick={onOwn}>{t("side.whose")}</Menu.Item>
            <Menu.Item onClick={() => goTo(`/channels/${chat.channel_id}`)}>
              {t("side.label")}
            </Menu.Item>
          </>
        )}
      </MoreMenu>
    </div>
  );
}

function useAltKeys(keys: Readonly<Record<string, (() => void) | undefined>>): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const act = event.altKey ? keys[event.code] : undefined;
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [keys]);
}
