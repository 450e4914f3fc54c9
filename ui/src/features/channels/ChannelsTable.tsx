// Many channels: one line for each, broken ones on top, found by name, number or status.
import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "wouter";
import type { Channel } from "../../api/client";
import { phoneText, useTimes } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { StatusAction } from "../../status/StatusAction";
import { StatusBadge } from "../../status/StatusBadge";
import { ChannelMenu } from "./ChannelMenu";

export function ChannelsTable({ channels }: { channels: readonly Channel[] }) {
  const { t } = useWords();
  const [words, setWords] = useState("");
  const shown = channels.filter((channel) => fits(channel, words));
  return (
    <section className="card" aria-label={t("nav.channels")}>
      <TextInput
        type="search"
        value={words}
        onChange={({ currentTarget }) => setWords(currentTarget.value)}
        placeholder={t("channels.search")}
        aria-label={t("channels.search")}
        leftSection={<IconSearch size={18} aria-hidden />}
      />
      <p className="hint" role="status">
        {t("channels.count", { count: shown.length })}
      </p>
      <div className="table-scroll">
        <table className="channels-table stacked">
          <thead>
            <tr>
              <th>{t("channel.name")}</th>
              <th>{t("history.status")}</th>
              <th>{t("channels.since")}</th>
              <th className="number">{t("channels.waiting")}</th>
              <th>
                <span className="unseen">{t("channels.actions")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((channel) => (
              <Line key={channel.id} channel={channel} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Line({ channel }: { channel: Channel }) {
  const { moment } = useTimes();
  return (
    <tr data-channel={channel.id}>
      <td>
        <Link href={`/channels/${channel.id}`}>{channel.name}</Link>
        <p className="hint">{phoneText(channel.phone)}</p>
      </td>
      <td>
        <StatusBadge channel={channel} />
      </td>
      <td>{moment(channel.status.since)}</td>
      <td className="number">{channel.queue.messages || ""}</td>
      <td>
        <div className="row-end">
          <StatusAction channel={channel} isQuiet />
          <ChannelMenu channel={channel} />
        </div>
      </td>
    </tr>
  );
}

function fits({ name, phone, status }: Channel, words: string): boolean {
  const wanted = words.trim().toLowerCase();
  const digits = wanted.replace(/\D/g, "");
  const isNamed = [name, status.title].some((one) => one.toLowerCase().includes(wanted));
  return isNamed || (digits !== "" && phone.includes(digits));
}
