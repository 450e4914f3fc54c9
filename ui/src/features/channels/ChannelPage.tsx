// One channel: its status in full, its past as bars and as a table, and what waits in it.
import { SegmentedControl } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconArrowLeft } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "wouter";
import type { Channel } from "../../api/client";
import { useChannel, useGaps, useHistory } from "../../api/queries";
import { phoneText, useTimes } from "../../i18n/times";
import { type Key, useWords } from "../../i18n/words";
import { HistoryBar, HOURS, type Range } from "../../status/HistoryBar";
import { Legend } from "../../status/Legend";
import { lookOf } from "../../status/look";
import { StatusNote } from "../../status/StatusNote";
import { ChannelMenu } from "./ChannelMenu";
import { ChannelMeta } from "./ChannelMeta";
import { Queue } from "./Queue";

const WIDE_PILLS = 120;
const RANGES: readonly Range[] = ["24h", "7d", "90d"];

export default function ChannelPage({ id }: { id: string }) {
  const { t } = useWords();
  const channel = useChannel(id);
  const [range, setRange] = useState<Range>("24h");
  const wide = useMediaQuery("(min-width: 1000px)", undefined, { getInitialValueInEffect: false });
  if (channel === undefined) return null;
  return (
    <div className="page-inner">
      <header className="page-head">
        <Link href="/channels" className="back" aria-label={t("nav.channels")}>
          <IconArrowLeft size={22} aria-hidden />
        </Link>
        <div className="page-title">
          <h1>{channel.name}</h1>
          <p className="hint">{phoneText(channel.phone)}</p>
        </div>
        <ChannelMenu channel={channel} />
      </header>
      <StatusNote channel={channel} />
      <section className="card">
        <header className="card-head">
          <h2>{t("history.title")}</h2>
          <SegmentedControl
            value={range}
            onChange={(chosen) => setRange(chosen as Range)}
            data={RANGES.map((value) => ({ value, label: t(`history.short.${value}`) }))}
            aria-label={t("history.choose")}
          />
        </header>
        <HistoryBar channel={channel} range={range} pills={wide ? WIDE_PILLS : undefined} />
        <Legend />
        <ChannelMeta channel={channel} />
      </section>
      <Gaps channel={channel} />
      <Queue channel={channel} />
      <Past channel={channel} range={range} />
    </div>
  );
}

/** Of what happened to messages, the worst: nobody knows whether there were any. */
function Gaps({ channel }: { channel: Channel }) {
  const { t } = useWords();
  const { dayAndClock } = useTimes();
  const { data: gaps = [] } = useGaps(channel.id);
  if (gaps.length === 0) return null;
  return (
    <section className="card">
      <h2>{t("channel.gaps")}</h2>
      <p className="hint">{t("channel.gaps.hint")}</p>
      <ul>
        {gaps.map(({ since, until }) => (
          <li key={`${since} ${until}`}>
            {dayAndClock(since)} – {dayAndClock(until)}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Past({ channel, range }: { channel: Channel; range: Range }) {
  const { t, has, statusTitle, reason } = useWords();
  const { exact } = useTimes();
  const { data: changes } = useHistory(channel.id, HOURS[range]);
  if (changes === undefined) return null;
  return (
    <section className="card">
      <h2>{t("history.changes")}</h2>
      {changes.length === 0 && <p className="hint">{t("history.noChanges")}</p>}
      <div className="table-scroll" hidden={changes.length === 0}>
        <table className="told-table stacked">
          <thead>
            <tr>
              <th>{t("history.when")}</th>
              <th>{t("history.status")}</th>
              <th>{t("history.why")}</th>
              <th>{t("history.who")}</th>
            </tr>
          </thead>
          <tbody>
            {changes.toReversed().map((change) => {
              const { tone, icon: Sign } = lookOf(change.new);
              return (
                <tr key={change.id}>
                  <td>{exact(change.at)}</td>
                  <td>
                    <span className={`badge tone-${tone}`}>
                      <Sign size={16} aria-hidden />
                      {statusTitle(change.new)}
                    </span>
                  </td>
                  <td>
                    {reason(change.reason)} {change.detail}
                  </td>
                  <td>
                    {has(`who.${change.actor}`) ? t(`who.${change.actor}` as Key) : change.actor}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
