// Beside a chat: its channel's past, and whose chat it is. The status itself is said once, by the note.
import { Button } from "@mantine/core";
import { Link } from "wouter";
import type { Channel, Chat } from "../../api/client";
import { useAccess } from "../../app/access";
import { phoneText } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { HistoryBar } from "../../status/HistoryBar";
import { ChannelMeta } from "../channels/ChannelMeta";
import { useMark } from "./mark";

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
      <Owner chat={chat} />
    </aside>
  );
}

function Owner({ chat }: { chat: Chat }) {
  const { t } = useWords();
  const { may, session } = useAccess();
  const mark = useMark(chat);
  const isMine = chat.owner_id === session.person_id;
  const words = isMine ? "side.mine" : chat.owner_id === null ? "side.nobodys" : "side.colleagues";
  return (
    <div className="side-owner">
      <p>{t(words)}</p>
      {may("steer", chat.channel_id) && (
        <Button
          variant="default"
          size="sm"
          loading={mark.isPending}
          onClick={() => mark.mutate({ owner_id: isMine ? null : session.person_id })}
        >
          {isMine ? t("side.release") : t("side.take")}
        </Button>
      )}
    </div>
  );
}
