// One chat in the list: who, what was said last and how far it came, and how much waits.
import { IconPencil, IconSearch } from "@tabler/icons-react";
import { memo } from "react";
import { Link, useSearch } from "wouter";
import type { Chat } from "../../api/client";
import { usePresence } from "../../api/presence";
import { useChannel, useChannels } from "../../api/queries";
import { phoneText, useTimes } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { lookOf, needsPeople } from "../../status/look";
import { filterOf, searchOf } from "./filter";
import { presenceText } from "./presence";
import { Tick } from "./Tick";

interface Props {
  readonly chat: Chat;
  readonly top: number;
  readonly isOpen: boolean;
}

export const DialogRow = memo(function DialogRow({ chat, top, isOpen }: Props) {
  const words = useWords();
  const { t } = words;
  const { short } = useTimes();
  const search = useSearch();
  const { data: channels = [] } = useChannels();
  const channel = useChannel(chat.channel_id);
  const trouble = channel !== undefined && needsPeople(channel) ? channel : null;
  const Sign = lookOf(trouble?.status.code ?? "ACTIVE").icon;
  const name = nameOf(chat);
  const presence = presenceText(usePresence(chat.id), words);
  return (
    <li className="dialog-place" style={{ top }}>
      <Link
        href={`/inbox/${chat.id}${searchOf(filterOf(search), chat.found?.id)}`}
        className="dialog"
        aria-current={isOpen ? "true" : undefined}
      >
        <span className="avatar" aria-hidden data-hue={hueOf(chat.phone)}>
          {initials(name)}
        </span>
        <span className="dialog-main">
          <span className="dialog-name one-line">{name}</span>
          <span className="dialog-last one-line">
            {presence !== null ? (
              <span className="dialog-presence">
                <IconPencil size={15} aria-hidden /> {presence}
              </span>
            ) : (
              <Last chat={chat} />
            )}
          </span>
        </span>
        <span className="dialog-end">
          <time dateTime={chat.last_at}>{short(chat.last_at)}</time>
          <span>
            {trouble !== null && (
              <Sign
                size={16}
                className={`tone-${lookOf(trouble.status.code).tone} tone-text`}
                role="img"
                aria-label={`${trouble.name}: ${trouble.status.title}`}
              />
            )}
            {channels.length > 1 && trouble === null && (
              <span className="dialog-channel one-line">{channel?.name}</span>
            )}
            {chat.unanswered > 0 && (
              <span
                className="count"
                role="img"
                aria-label={t("inbox.unanswered", { count: chat.unanswered })}
              >
                {chat.unanswered > 99 ? "99+" : chat.unanswered}
              </span>
            )}
          </span>
        </span>
      </Link>
    </li>
  );
});

/** What was said last, or what was looked for and found. */
function Last({ chat }: { chat: Chat }) {
  const { t } = useWords();
  const { found, last_message: last } = chat;
  if (found != null) {
    return (
      <>
        <IconSearch size={15} role="img" aria-label={t("inbox.said")} /> {found.text}
      </>
    );
  }
  return (
    <>
      {last?.direction === "outgoing" && <Tick status={last.status} size={15} />}
      {last === null ? "" : (last.text ?? t("message.file"))}
    </>
  );
}

export function nameOf(chat: Chat): string {
  return chat.name ?? phoneText(chat.phone);
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  if (words.length === 0) return name.replace(/\D/g, "").slice(-2);
  return words
    .slice(0, 2)
    .map((word) => word.slice(0, 1).toUpperCase())
    .join("");
}

/** The same person always has the same colour. */
function hueOf(phone: string): number {
  return [...phone].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 6, 0);
}
