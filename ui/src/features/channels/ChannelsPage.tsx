// All channels: those that need somebody as cards on top, those that work as rows, the rest below.
import { Button, SegmentedControl } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useContext, useState } from "react";
import type { Channel } from "../../api/client";
import { useChannels } from "../../api/queries";
import { useAccess } from "../../app/access";
import { useWords } from "../../i18n/words";
import type { Range } from "../../status/HistoryBar";
import { Legend } from "../../status/Legend";
import { lookOf, needsPeople } from "../../status/look";
import { ShowCode } from "../../status/StatusAction";
import { AddChannel } from "./AddChannel";
import { ChannelCard } from "./ChannelCard";
import { ChannelRow } from "./ChannelRow";
import { ChannelsTable } from "./ChannelsTable";

/** From here on, cards and bars tell less than a table that can be searched. */
const MANY = 24;
const RANGES: readonly Range[] = ["24h", "7d", "90d"];

export default function ChannelsPage() {
  const { t } = useWords();
  const { may } = useAccess();
  const { data: channels } = useChannels();
  const [range, setRange] = useState<Range>("24h");
  const [adding, setAdding] = useState(false);
  const showCode = useContext(ShowCode);
  if (channels === undefined) return null;
  const there = channels.filter(({ status }) => status.code !== "DELETED");
  const deleted = channels.filter(({ status }) => status.code === "DELETED");
  const needy = there.filter(needsPeople).toSorted(worstFirst);
  const off = there.filter(({ status }) => status.code === "DISABLED").toSorted(worstFirst);
  const fine = there.filter((one) => !needsPeople(one) && !off.includes(one)).toSorted(worstFirst);
  const isMany = there.length > MANY;
  return (
    <div className="page-inner wide">
      <header className="page-head">
        <h1>{t("nav.channels")}</h1>
        {!isMany && (
          <SegmentedControl
            value={range}
            onChange={(chosen) => setRange(chosen as Range)}
            data={RANGES.map((value) => ({ value, label: t(`history.short.${value}`) }))}
            aria-label={t("history.choose")}
          />
        )}
        {may("set_up") && (
          <Button
            leftSection={<IconPlus size={18} aria-hidden />}
            onClick={() => setAdding(true)}
            variant={needy.length > 0 ? "default" : "filled"}
          >
            {t("channels.add")}
          </Button>
        )}
      </header>
      {there.length === 0 && <p className="empty">{t("channels.none")}</p>}
      {isMany && <ChannelsTable channels={[...needy, ...fine, ...off]} />}
      {!isMany && needy.length > 0 && (
        <section aria-label={t("channels.needy")}>
          <h2>{t("channels.needy")}</h2>
          <div className="cards">
            {needy.map((channel) => (
              <ChannelCard key={channel.id} channel={channel} range={range} />
            ))}
          </div>
        </section>
      )}
      {!isMany && <Rows title={t("channels.fine")} channels={fine} range={range} />}
      {!isMany && <Rows title={t("channels.off")} channels={off} range={range} />}
      <Rows title={t("channels.deleted")} channels={deleted} range={range} />
      {!isMany && <Legend />}
      {adding && <AddChannel onClose={() => setAdding(false)} onAdded={showCode} />}
    </div>
  );
}

function Rows(props: { title: string; channels: readonly Channel[]; range: Range }) {
  if (props.channels.length === 0) return null;
  return (
    <section aria-label={props.title}>
      <h2>{props.title}</h2>
      <ul className="rows">
        {props.channels.map((channel) => (
          <ChannelRow key={channel.id} channel={channel} range={props.range} />
        ))}
      </ul>
    </section>
  );
}

function worstFirst(one: Channel, other: Channel): number {
  const byLook = lookOf(one.status.code).height - lookOf(other.status.code).height;
  return byLook !== 0 ? byLook : one.name.localeCompare(other.name);
}
