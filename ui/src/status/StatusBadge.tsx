// The one word shown for a channel: icon, words and colour say the same. It wraps, and is never cut.
import type { Channel } from "../api/client";
import { lookOf } from "./look";

export function StatusBadge({ channel }: { channel: Channel }) {
  const { tone, icon: Sign } = lookOf(channel.status.code);
  return (
    <span className={`badge tone-${tone}`} data-status={channel.status.code}>
      <Sign size={16} aria-hidden className={tone === "busy" ? "spinning" : undefined} />
      {channel.status.title}
    </span>
  );
}
