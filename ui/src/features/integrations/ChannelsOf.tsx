// Which channels a connection serves: as many as its CRM can take.
import { SomeChannels } from "../../app/ChannelsField";
import { useWords } from "../../i18n/words";
import type { Crm } from "./connections";

interface Props {
  readonly crm: Crm;
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
  readonly error?: string | undefined;
}

export function ChannelsOf({ crm, chosen, onChange, error }: Props) {
  const { t } = useWords();
  return (
    <fieldset>
      <legend>{t("nav.channels")}</legend>
      <p className="hint">{t("connections.channels", { count: crm.channels_max })}</p>
      <SomeChannels chosen={chosen} onChange={onChange} atMost={crm.channels_max} />
      {error !== undefined && <p className="danger">{error}</p>}
    </fieldset>
  );
}
