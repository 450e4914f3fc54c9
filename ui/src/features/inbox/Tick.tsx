// How far a message of ours has come, as a shape with a name.
import {
  type Icon,
  IconAlertCircle,
  IconBan,
  IconCheck,
  IconChecks,
  IconClock,
  IconHelpCircle,
} from "@tabler/icons-react";
import { type Key, useWords } from "../../i18n/words";

const TICKS: Readonly<Record<string, readonly [Icon, Key, string]>> = {
  queued: [IconClock, "tick.queued", "tick"],
  sending: [IconClock, "tick.sending", "tick"],
  sent: [IconCheck, "tick.sent", "tick"],
  delivered: [IconChecks, "tick.delivered", "tick"],
  read: [IconChecks, "tick.read", "tick tick-read"],
  failed: [IconAlertCircle, "tick.failed", "tick tick-failed"],
  uncertain: [IconHelpCircle, "tick.uncertain", "tick tick-failed"],
  cancelled: [IconBan, "tick.cancelled", "tick"],
};

export function Tick({ status, size = 16 }: { status: string; size?: number }) {
  const { t } = useWords();
  const found = TICKS[status];
  if (found === undefined) return null;
  const [Sign, word, look] = found;
  return <Sign size={size} className={look} role="img" aria-label={t(word)} data-tick={status} />;
}
