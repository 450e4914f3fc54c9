// Since when, how much waits and since when, how fast it goes out, and who is told.
import { IconBellOff } from "@tabler/icons-react";
import { Link } from "wouter";
import type { Channel } from "../../api/client";
import { useTimes } from "../../i18n/times";
import { useWords } from "../../i18n/words";

export function ChannelMeta({ channel }: { channel: Channel }) {
  const { t } = useWords();
  const { moment } = useTimes();
  const { status, queue, pacing, curators } = channel;
  const length = queue.length ?? 0;
  return (
    <ul className="meta">
      <li>{t("channel.since", { at: moment(status.since) })}</li>
      {status.next_step_text !== null && (
        <li>
          {status.next_step_text}
          {status.next_step_at !== null && ` · ${moment(status.next_step_at)}`}
        </li>
      )}
      {length > 0 && (
        <li>
          <strong>{t("channel.waiting", { count: length })}</strong>
          {queue.since && ` · ${t("channel.oldest", { at: moment(queue.since) })}`}
        </li>
      )}
      {length > 0 && pacing.per_minute !== null && (
        <li>{t("channel.pacing", { count: pacing.per_minute })}</li>
      )}
      {curators === 0 ? (
        <li>
          <Link href="/curators" className="nobody">
            <IconBellOff size={14} aria-hidden />
            {t("channel.nobodyTold")}
          </Link>
        </li>
      ) : (
        <li>{t("channel.told", { count: curators })}</li>
      )}
    </ul>
  );
}
