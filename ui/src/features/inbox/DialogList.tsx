// All chats, however many: only those in sight are in the page.
import { SegmentedControl, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { lazy, type RefObject, Suspense, useEffect, useRef, useState } from "react";
import type { ChatFilter } from "../../api/cache";
import { useChannels, useChatCount, type useChats } from "../../api/queries";
import { useAccess } from "../../app/access";
import { useRem } from "../../app/useRem";
import { useWords } from "../../i18n/words";
import { DialogRow } from "./DialogRow";
import type { SetFilter } from "./filter";
import { useSteadyOrder } from "./steadyOrder";

const NewChat = lazy(() => import("./NewChat"));

const ROW_REMS = 4.5;
const TYPING_MS = 250;

interface Props {
  readonly found: ReturnType<typeof useChats>;
  readonly open: string | undefined;
  readonly filter: ChatFilter;
  readonly setFilter: SetFilter;
  readonly search: RefObject<HTMLInputElement | null>;
}

export function DialogList({ found, open, filter, setFilter, search }: Props) {
  const { t } = useWords();
  const scroller = useRef<HTMLDivElement>(null);
  const [chats, onPointer] = useSteadyOrder(found.chats);
  const rowHeight = ROW_REMS * useRem();
  const rows = useVirtualizer({
    count: chats.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 6,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was measured is void with another height
  useEffect(() => rows.measure(), [rows, rowHeight]);
  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  const { hasNextPage, isFetching, fetchNextPage } = found;
  useEffect(() => {
    if (last >= chats.length - 20 && hasNextPage && !isFetching) void fetchNextPage();
  }, [last, chats.length, hasNextPage, isFetching, fetchNextPage]);
  return (
    <section className="dialogs" aria-label={t("inbox.dialogs")}>
      <Filters filter={filter} setFilter={setFilter} search={search} />
      <div className="dialogs-line">
        <Counted found={found} filter={filter} />
        <WriteFirst searched={filter.q} />
      </div>
      <div className="dialogs-scroll" ref={scroller} onPointerMove={onPointer}>
        <ul style={{ height: rows.getTotalSize() }}>
          {shown.map(({ index, start }) => {
            const chat = chats[index];
            if (chat === undefined) return null;
            return <DialogRow key={chat.id} chat={chat} top={start} isOpen={chat.id === open} />;
          })}
        </ul>
        {found.isSuccess && !found.isPlaceholderData && chats.length === 0 && (
          <p className="empty">
            {filter.q !== "" || filter.channel !== "" || filter.mine
              ? t("inbox.nothingFound")
              : t("inbox.nothingWaits")}
          </p>
        )}
      </div>
    </section>
  );
}

function Counted({ found, filter }: Pick<Props, "found" | "filter">) {
  const { t } = useWords();
  const { data: count } = useChatCount();
  const isAll = filter.q === "" && filter.channel === "" && !filter.mine;
  const total = filter.unanswered ? count?.unanswered : count?.chats;
  const number = isAll && total !== undefined ? total : found.chats.length;
  if (!found.isSuccess) return <p className="dialogs-count" />;
  const more = !isAll && found.hasNextPage ? "+" : "";
  return (
    <p className="dialogs-count" role="status">
      {t("inbox.count", { count: number })}
      {more}
    </p>
  );
}

/** For whoever may write from some number; the page inside a CRM shows its own chats only. */
function WriteFirst({ searched }: { searched: string }) {
  const { t } = useWords();
  const { isWindow, may } = useAccess();
  const { data: channels = [] } = useChannels();
  const [isOpen, setOpen] = useState(false);
  const ours = channels.filter(({ id, status }) => status.code !== "DELETED" && may("write", id));
  if (isWindow || ours.length === 0) return null;
  return (
    <>
      <button type="button" className="link" onClick={() => setOpen(true)}>
        {t("inbox.new")}
      </button>
      {isOpen && (
        <Suspense>
          <NewChat
            channels={ours}
            phone={/^[\s()+\-\d]{5,}$/.test(searched) ? searched : ""}
            onClose={() => setOpen(false)}
          />
        </Suspense>
      )}
    </>
  );
}

function Filters({ filter, setFilter, search }: Pick<Props, "filter" | "setFilter" | "search">) {
  const { t } = useWords();
  const { data: channels = [] } = useChannels();
  const [typed, setTyped] = useState(filter.q);
  const look = useDebouncedCallback((q: string) => setFilter({ q }), TYPING_MS);
  useEffect(() => setTyped(filter.q), [filter.q]);
  const there = channels.filter(({ status }) => status.code !== "DELETED");
  const show = filter.unanswered ? "unanswered" : filter.mine ? "mine" : "all";
  return (
    <search className="filters">
      <TextInput
        ref={search}
        type="search"
        value={typed}
        onChange={({ currentTarget: { value } }) => {
          setTyped(value);
          look(value);
        }}
        placeholder={t("inbox.search")}
        aria-label={t("inbox.search")}
        leftSection={<IconSearch size={18} aria-hidden />}
        rightSection={
          typed === "" ? (
            <kbd aria-hidden className="wide-only">
              /
            </kbd>
          ) : null
        }
        size="md"
      />
      <div className="filters-line">
        <SegmentedControl
          size="xs"
          value={show}
          onChange={(value) =>
            setFilter({ unanswered: value === "unanswered", mine: value === "mine" })
          }
          data={[
            { value: "all", label: t("inbox.show.all") },
            { value: "unanswered", label: t("inbox.show.unanswered") },
            { value: "mine", label: t("inbox.show.mine") },
          ]}
          aria-label={t("inbox.show")}
        />
        {there.length > 1 && (
          <Select
            size="xs"
            className="filters-channel"
            aria-label={t("inbox.channel")}
            placeholder={t("inbox.allChannels")}
            value={filter.channel || null}
            onChange={(value) => setFilter({ channel: value ?? "" })}
            data={there.map(({ id, name }) => ({ value: id, label: name }))}
            clearable
            clearButtonProps={{ "aria-label": t("inbox.allChannels") }}
          />
        )}
      </div>
    </search>
  );
}
