// A channel that works, or that somebody switched off: one line.
import { Link } from "wouter";
import type { Channel } from "../../api/client";
import { phoneText } from "../../i18n/times";
import { HistoryBar, type Range } from "../../status/HistoryBar";
import { StatusAction } from "../../status/StatusAction";
import { StatusBadge } from "../../status/StatusBadge";
import { ChannelMenu } from "./ChannelMenu";
import { ChannelMeta } from "./ChannelMeta";

export function ChannelRow({ channel, range }: { channel: Channel; range: Range }) {
  return (
    <li className="row" data-channel={channel.id}>
      <div className="row-name">
        <h3>
          <Link href={`/channels/${channel.id}`}>{channel.name}</Link>
        </h3>
        <p className="hint">{phoneText(channel.phone)}</p>
      </div>
      <StatusBadge channel={channel} />
      <HistoryBar channel={channel} range={range} bare />
      <ChannelMeta channel={channel} />
      <div className="row-end">
        <StatusAction channel={channel} isQuiet />
        <ChannelMenu channel={channel} />
      </div>
    </li>
  );
}
