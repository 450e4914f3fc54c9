// What was said, oldest first, with days and the channel's changes between.
import { Button } from "@mantine/core";
import { useMemo, useRef } from "react";
import type { Chat } from "../../api/client";
import { useHistory, useMessages } from "../../api/queries";
import { useAccess } from "../../app/access";
import { dayOf, useTimes } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { lookOf } from "../../status/look";
import type { Change } from "../../status/slices";
import { Bubble } from "./Bubble";
import { useFound } from "./found";
import { linesOf } from "./lines";
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
  const pending = usePending(chat.id, messages);
  const lines = useMemo(
    () => linesOf(messages, changes ?? [], hasNextPage),
    [messages, changes, hasNextPage],
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
          const key = line.what === "message" ? line.message.id : `change-${line.change.id}`;
          return (
            <div key={key} className="log-line" data-found={key === found || undefined}>
              {isNewDay && <p className="log-day">{day(line.at)}</p>}
              {line.what === "message" ? (
                <Bubble message={line.message} chat={chat} />
              ) : (
                <ChangeLine change={line.change} />
              )}
            </div>
          );
        })}
        {pending.map((one) => (
          <PendingBubble key={one.ref} pending={one} />
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
