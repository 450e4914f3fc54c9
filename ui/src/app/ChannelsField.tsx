// Which channels something is about: all of them, also those that come later, or some.
import { Checkbox } from "@mantine/core";
import { useChannels } from "../api/queries";
import { phoneText } from "../i18n/times";
import { useWords } from "../i18n/words";

interface Props {
  /** Null is all. */
  readonly chosen: readonly string[] | null;
  readonly onChange: (chosen: readonly string[] | null) => void;
  readonly error?: string | undefined;
}

export function ChannelsField({ chosen, onChange, error }: Props) {
  const { t } = useWords();
  return (
    <fieldset>
      <legend>{t("nav.channels")}</legend>
      <Checkbox
        label={t("inbox.allChannels")}
        checked={chosen === null}
        onChange={({ currentTarget }) => onChange(currentTarget.checked ? null : [])}
      />
      {chosen !== null && <SomeChannels chosen={chosen} onChange={onChange} />}
      {error !== undefined && <p className="danger">{error}</p>}
    </fieldset>
  );
}

interface SomeProps {
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
  /** More than these cannot be chosen. */
  readonly atMost?: number;
}

export function SomeChannels({ chosen, onChange, atMost = Number.POSITIVE_INFINITY }: SomeProps) {
  const { data: channels = [] } = useChannels();
  const there = channels.filter(
    ({ id, status }) => status.code !== "DELETED" || chosen.includes(id),
  );
  const choose = (id: string, on: boolean) => {
    const others = chosen.filter((one) => one !== id);
    if (!on) onChange(others);
    else onChange(atMost === 1 ? [id] : [...chosen, id]);
  };
  return (
    <div className="choices">
      {there.map(({ id, name, phone }) => (
        <Checkbox
          key={id}
          label={name}
          description={phoneText(phone)}
          checked={chosen.includes(id)}
          disabled={atMost > 1 && chosen.length >= atMost && !chosen.includes(id)}
          onChange={({ currentTarget }) => choose(id, currentTarget.checked)}
        />
      ))}
    </div>
  );
}
