// What was said, oldest first, with days and the channel's changes between.
import { Button } from "@mantine/core";
import { IconAlertTriangle, IconDownload } from "@tabler/icons-react";
import { useMemo, useRef } from "react";
import type { Chat } from "../../api/client";
import { useChannel, useGaps, useHistory, useMessages } from "../../api/queries";
import { useAccess } from "../../app/access";
import { dayOf, useTimes } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { lookOf } from "../../status/look";
import type { Change } from "../../status/slices";
import { Bubble } from "./Bubble";
import { useFound } from "./found";
import { type CatchUp, type Gap, type Line, linesOf } from "./lines";
import { PendingBubble } from "./PendingBubble";
import { usePending } from "./pending";

const HOURS_OF_CHANGES = 24 * 7;

export function Log({ chat }: { chat: Chat }) {
  const { t } = useWords();
  const { day } = useTimes();
  const loaded = useMessages(chat.id);
  const { messages, hasNextPage, fetchNextPage, isFetchingNextPage } = loaded;
  const log = useRef<HTMLDivElement>(null);
  const found = useFound(log, loaded);
  const { isWindow } = useAccess();
  const { data: changes } = useHistory(chat.channel_id, HOURS_OF_CHANGES, !isWindow);
  const { data: gaps } = useGaps(chat.channel_id, !isWindow);
  const catchUp = useChannel(chat.channel_id)?.catch_up ?? null;
  const pending = usePending(chat.id, messages);
  const lines = useMemo(
    () => linesOf(messages, changes ?? [], hasNextPage, catchUp, gaps),
    [messages, changes, hasNextPage, catchUp, gaps],
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div className="log" role="log" aria-label={t("log.label")} tabIndex={0} ref={log}>
      <div className="log-lines">
        {hasNextPage && (
          <Button
            variant="default"
            size="sm"
            className="log-earlier"
            loading={isFetchingNextPage}
            onClick={() => void fetchNextPage()}
          >
            {t("log.earlier")}
          </Button>
        )}
        {lines.map((line, n) => {
          const isNewDay = n === 0 || dayOf(line.at) !== dayOf(lines[n - 1]?.at ?? "");
          return (
            <div
              key={keyOf(line)}
              className="log-line"
              data-found={keyOf(line) === found || undefined}
            >
              {isNewDay && <p className="log-day">{day(line.at)}</p>}
              {line.what === "message" && <Bubble message={line.message} chat={chat} />}
              {line.what === "change" && <ChangeLine change={line.change} />}
              {line.what === "gap" && <GapLine gap={line.gap} />}
              {line.what === "catchUp" && <CatchUpLine catchUp={line.catchUp} />}
            </div>
          );
        })}
        {pending.map((one) => (
          <PendingBubble key={one.ref} pending={one} chat={chat.id} />
        ))}
      </div>
    </div>
  );
}

function ChangeLine({ change }: { change: Change }) {
  const { t, statusTitle } = useWords();
  const { clock } = useTimes();
  const Sign = lookOf(change.new).icon;
  return (
    <p className="log-change">
      <Sign size={16} aria-hidden />
      {t("log.change", { status: statusTitle(change.new) })} · {clock(change.at)}
    </p>
  );
}

function keyOf(line: Line): string {
  if (line.what === "message") return line.message.id;
  return line.what === "change" ? `change-${line.change.id}` : `${line.what}-${line.at}`;
}

function CatchUpLine({ catchUp }: { catchUp: CatchUp }) {
  const { t } = useWords();
  const { clock } = useTimes();
  const isWhole = catchUp.retrieved >= catchUp.expected;
  const Sign = isWhole ? IconDownload : IconAlertTriangle;
  return (
    <p className={isWhole ? "log-change" : "log-change tone-stop tone-text"}>
      <Sign size={16} aria-hidden />
      {t("channel.retrieved", { ...catchUp })} · {clock(catchUp.at)}
    </p>
  );
}

function GapLine({ gap }: { gap: Gap }) {
  const { t } = useWords();
  const { dayAndClock, clock } = useTimes();
  return (
    <p className="log-change tone-warn tone-text">
      <IconAlertTriangle size={16} aria-hidden />
      {t("channel.gap", { from: dayAndClock(gap.since), until: clock(gap.until) })}
    </p>
  );
}
