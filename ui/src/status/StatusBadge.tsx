// The one word shown for a channel.
import type { Channel } from "../api/client";
import { Badge } from "./Badge";
import { lookOf } from "./look";

export function StatusBadge({ channel }: { channel: Channel }) {
  const { code, title } = channel.status;
  const { tone, icon } = lookOf(code);
  return <Badge tone={tone} icon={icon} text={title} code={code} />;
}
