// Beside a chat: its channel's past, and whose chat it is. The status itself is said once, by the note.
import { Link } from "wouter";
import type { Channel, Chat } from "../../api/client";
import { phoneText } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { HistoryBar } from "../../status/HistoryBar";
import { ChannelMeta } from "../channels/ChannelMeta";
import { Owner } from "./Owner";

export function SidePanel({ chat, channel }: { chat: Chat; channel: Channel }) {
  const { t } = useWords();
  return (
    <aside className="side" aria-label={t("side.label")}>
      <h2>
        <Link href={`/channels/${channel.id}`}>{channel.name}</Link>
      </h2>
      <p className="hint">{phoneText(channel.phone)}</p>
      <HistoryBar channel={channel} range="24h" />
      <ChannelMeta channel={channel} isBesideNote />
      <div className="side-owner">
        <Owner chat={chat} />
      </div>
    </aside>
  );
}
