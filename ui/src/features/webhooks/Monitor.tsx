// What happens, as it happens: the same facts that webhooks carry, as far as the reader may see them.
import { Button, Select, TextInput } from "@mantine/core";
import {
  IconDownload,
  IconEraser,
  IconPlayerPause,
  IconPlayerPlay,
  IconSearch,
} from "@tabler/icons-react";
import { memo, useMemo, useState } from "react";
import { useChannels } from "../../api/queries";
import type { Fact } from "../../api/stream";
import { useTimes } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { useKinds } from "./endpoints";
import { asLines, type EventFilter, fits } from "./events";
import { useKindText } from "./kindText";
import { Opening } from "./Opening";
import { Payload } from "./Payload";
import { useEvents } from "./useEvents";

const NO_FILTER: EventFilter = { kind: "", channel: "", text: "" };

export function Monitor() {
  const { t } = useWords();
  const [paused, setPaused] = useState(false);
  const [filter, setFilter] = useState(NO_FILTER);
  const { held, behind, forget } = useEvents(paused);
  const { data: channels } = useChannels();
  const names = useMemo(
    () => new Map<string | null, string>(channels?.map(({ id, name }) => [id, name])),
    [channels],
  );
  const shown = useMemo(() => held.filter((fact) => fits(fact, filter)), [held, filter]);
  const Sign = paused ? IconPlayerPlay : IconPlayerPause;
  return (
    <section className="card" aria-label={t("events.title")}>
      <div className="monitor-tools">
        <Filters filter={filter} onChange={setFilter} />
        <div className="buttons">
          <Button
            variant={paused ? "filled" : "default"}
            leftSection={<Sign size={18} aria-hidden />}
            onClick={() => setPaused(!paused)}
          >
            {t(paused ? "events.goOn" : "events.pause")}
          </Button>
          <Button
            variant="default"
            leftSection={<IconDownload size={18} aria-hidden />}
            disabled={shown.length === 0}
            onClick={() => download(shown)}
          >
            {t("events.download")}
          </Button>
          <Button
            variant="default"
            leftSection={<IconEraser size={18} aria-hidden />}
            disabled={held.length === 0}
            onClick={forget}
          >
            {t("events.clear")}
          </Button>
        </div>
      </div>
      <p className="hint" role="status">
        {paused && t("events.behind", { count: behind })}
        {!paused && held.length > 0 && t("events.shown", { count: shown.length, all: held.length })}
      </p>
      {held.length === 0 && <p className="empty">{t("events.none")}</p>}
      {held.length > 0 && shown.length === 0 && <p className="empty">{t("events.noneFit")}</p>}
      <ul className="log">
        {shown.map((fact) => (
          <EventRow key={fact.id} fact={fact} channel={names.get(fact.channel_id)} />
        ))}
      </ul>
    </section>
  );
}

interface FiltersProps {
  readonly filter: EventFilter;
  readonly onChange: (filter: EventFilter) => void;
}

function Filters({ filter, onChange }: FiltersProps) {
  const { t } = useWords();
  const { data: kinds = [] } = useKinds();
  const { data: channels = [] } = useChannels();
  return (
    <div className="monitor-filters">
      <Select
        label={t("events.kind")}
        value={filter.kind}
        onChange={(kind) => onChange({ ...filter, kind: kind ?? "" })}
        data={[{ value: "", label: t("events.allKinds") }, ...kinds]}
        allowDeselect={false}
      />
      <Select
        label={t("inbox.channel")}
        value={filter.channel}
        onChange={(channel) => onChange({ ...filter, channel: channel ?? "" })}
        data={[
          { value: "", label: t("inbox.allChannels") },
          ...channels.map(({ id, name }) => ({ value: id, label: name })),
        ]}
        allowDeselect={false}
      />
      <TextInput
        type="search"
        label={t("events.search")}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={filter.text}
        onChange={({ currentTarget }) => onChange({ ...filter, text: currentTarget.value })}
      />
    </div>
  );
}

interface RowProps {
  readonly fact: Fact;
  readonly channel: string | undefined;
}

const EventRow = memo(function EventRow({ fact, channel }: RowProps) {
  const { t } = useWords();
  const { second } = useTimes();
  const textOf = useKindText();
  const line = (
    <>
      <span className="log-kind">{fact.kind}</span>
      <span className="log-what">
        {textOf(fact.kind)}
        <span className="log-why">{JSON.stringify(fact.body)}</span>
      </span>
      <span className="hint log-took">{channel}</span>
      <time className="hint" dateTime={fact.at}>
        {second(fact.at)}
      </time>
    </>
  );
  return (
    <Opening line={line}>
      <Payload body={fact} title={t("webhooks.payload")} />
    </Opening>
  );
});

/** A file of the reader's own making: nothing is asked of the server. */
function download(facts: readonly Fact[]): void {
  const file = new Blob([asLines(facts)], { type: "application/x-ndjson" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = "houston-events.jsonl";
  link.click();
  URL.revokeObjectURL(link.href);
}
