// Beside a chat: its channel's past, and whose chat it is. The status itself is said once, by the note.
import { Button, Select } from "@mantine/core";
import { Link } from "wouter";
import type { Channel, Chat } from "../../api/client";
import { useColleagues } from "../../api/queries";
import { useAccess } from "../../app/access";
import { phoneText } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { HistoryBar } from "../../status/HistoryBar";
import { ChannelMeta } from "../channels/ChannelMeta";
import { useMark } from "./mark";

const NOBODY = "";

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
  const { data: colleagues = [] } = useColleagues();
  const isMine = chat.owner_id === session.person_id;
  const owner = colleagues.find(({ id }) => id === chat.owner_id)?.name;
  if (!may("steer", chat.channel_id)) {
    const words = chat.owner_id === null ? "side.nobodys" : "side.colleagues";
    const whose = owner === undefined ? t(words) : t("side.of", { name: owner });
    return <p className="side-owner">{isMine ? t("side.mine") : whose}</p>;
  }
  const named = ({ id, name }: (typeof colleagues)[number]) => ({
    value: id,
    label: id === session.person_id ? t("side.me", { name }) : name,
  });
  return (
    <div className="side-owner">
      <Select
        size="sm"
        label={t("side.whose")}
        value={chat.owner_id ?? NOBODY}
        data={[{ value: NOBODY, label: t("side.nobody") }, ...colleagues.map(named)]}
        onChange={(id) => mark.mutate({ owner_id: id === NOBODY ? null : id })}
        allowDeselect={false}
        disabled={mark.isPending}
      />
      {!isMine && (
        <Button
          variant="default"
          size="sm"
          loading={mark.isPending}
          onClick={() => mark.mutate({ owner_id: session.person_id })}
        >
          {t("side.take")}
        </Button>
      )}
    </div>
  );
}
