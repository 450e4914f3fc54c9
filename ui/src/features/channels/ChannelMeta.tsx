// Since when, how much waits and since when, how fast it goes out, and who is told.
import { IconBellOff } from "@tabler/icons-react";
import { Link } from "wouter";
import type { Channel } from "../../api/client";
import { useAccess } from "../../app/access";
import { useTimes } from "../../i18n/times";
import { useWords, type Words } from "../../i18n/words";
import { useCurators } from "../curators/curators";

/** `isBesideNote`: what waits is said there already. */
export function ChannelMeta({
  channel,
  isBesideNote = false,
}: {
  channel: Channel;
  isBesideNote?: boolean;
}) {
  const { t } = useWords();
  const { moment } = useTimes();
  const { status, queue, pacing, curators } = channel;
  const length = isBesideNote ? 0 : (queue.length ?? 0);
  const told = useWhoIsTold(channel);
  const { catch_up: caught } = channel;
  return (
    <ul className="meta">
      <li>{t("channel.since", { at: moment(status.since) })}</li>
      {status.next_step_text !== null && (
        <li>
          {status.next_step_text}
          {status.next_step_at !== null && ` · ${moment(status.next_step_at)}`}
        </li>
      )}
      {caught !== null && caught.expected > 0 && (
        <li className={caught.retrieved < caught.expected ? "tone-stop tone-text" : undefined}>
          {t("channel.retrieved", { ...caught })} · {moment(caught.at)}
        </li>
      )}
      {length > 0 && (
        <li>
          <strong>{whatWaits(channel, t).join(", ")}</strong>
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
        <li>
          {told === null
            ? t("channel.told", { count: curators })
            : t("channel.toldWho", { who: told })}
        </li>
      )}
    </ul>
  );
}

/** Messages as a person counts them, and the rest of the queue beside. */
export function whatWaits({ queue }: Channel, t: Words["t"]): readonly string[] {
  const { length = 0, messages = 0 } = queue;
  return [
    ...(messages > 0 ? [t("channel.waiting", { count: messages })] : []),
    ...(length > messages ? [t("channel.changes", { count: length - messages })] : []),
  ];
}

const NAMED = 3;

/** The names of few; null when there are more, or they are not known yet. */
function useWhoIsTold({ id, curators }: Channel): string | null {
  const { language } = useWords();
  const { may } = useAccess();
  const { data = [] } = useCurators(may("set_up"));
  const told = data.filter(
    ({ channels, wants }) => wants.includes("statuses") && (channels?.includes(id) ?? true),
  );
  if (told.length !== curators || told.length > NAMED) return null;
  return new Intl.ListFormat(language).format(told.map(({ name }) => name));
}
