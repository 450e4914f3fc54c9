// A channel that needs somebody: what is wrong, what it means, what to do, and the button.
import { Link } from "wouter";
import type { Channel } from "../../api/client";
import { phoneText } from "../../i18n/times";
import { HistoryBar, type Range } from "../../status/HistoryBar";
import { StatusAction } from "../../status/StatusAction";
import { StatusBadge } from "../../status/StatusBadge";
import { ChannelMenu } from "./ChannelMenu";
import { ChannelMeta } from "./ChannelMeta";

export function ChannelCard({ channel, range }: { channel: Channel; range: Range }) {
  const { status } = channel;
  return (
    <article className="card" data-channel={channel.id}>
      <header className="card-head">
        <div>
          <h3>
            <Link href={`/channels/${channel.id}`}>{channel.name}</Link>
          </h3>
          <p className="hint">{phoneText(channel.phone)}</p>
        </div>
        <ChannelMenu channel={channel} />
      </header>
      <StatusBadge channel={channel} />
      <p>
        {status.reason_text} {status.todo}
      </p>
      <HistoryBar channel={channel} range={range} />
      <ChannelMeta channel={channel} />
      <footer>
        <StatusAction channel={channel} />
      </footer>
    </article>
  );
}
