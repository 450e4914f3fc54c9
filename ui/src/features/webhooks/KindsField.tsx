// Which kinds of facts an endpoint is told: all of them, or some, in groups by what they are about.
import { Checkbox } from "@mantine/core";
import { useWords } from "../../i18n/words";
import { useKinds } from "./endpoints";
import { useKindText } from "./kindText";

interface Props {
  /** Null is everything. */
  readonly chosen: readonly string[] | null;
  readonly onChange: (chosen: readonly string[] | null) => void;
  readonly error?: string | undefined;
}

const USUAL = ["channel.status", "message.received", "message.status"];
const SUBJECTS = ["message", "chat", "channel", "balance"];

/** What most programs want first; the rest by name. */
function usualFirst(one: string, other: string): number {
  const rank = (kind: string) => SUBJECTS.toReversed().indexOf(kind.split(".")[0] ?? "");
  return rank(other) - rank(one) || one.localeCompare(other);
}

export function KindsField({ chosen, onChange, error }: Props) {
  const { t } = useWords();
  return (
    <fieldset>
      <legend>{t("webhooks.kinds")}</legend>
      <Checkbox
        label={t("webhooks.everything")}
        description={t("webhooks.everything.hint")}
        checked={chosen === null}
        onChange={({ currentTarget }) => onChange(currentTarget.checked ? null : USUAL)}
      />
      {chosen !== null && <Some chosen={chosen} onChange={onChange} />}
      {error !== undefined && <p className="danger">{error}</p>}
    </fieldset>
  );
}

function Some(props: { chosen: readonly string[]; onChange: (chosen: readonly string[]) => void }) {
  const textOf = useKindText();
  const { data: kinds = [] } = useKinds();
  const { chosen, onChange } = props;
  const choose = (kind: string, on: boolean) =>
    onChange(on ? [...chosen, kind] : chosen.filter((one) => one !== kind));
  return (
    <div className="choices">
      {kinds.toSorted(usualFirst).map((kind) => (
        <Checkbox
          key={kind}
          label={kind}
          description={textOf(kind)}
          checked={chosen.includes(kind)}
          onChange={({ currentTarget }) => choose(kind, currentTarget.checked)}
        />
      ))}
    </div>
  );
}
