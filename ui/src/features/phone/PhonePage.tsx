// The demo's phones and people, so that a newcomer can see every status in a minute.
import { useChannels } from "../../api/queries";
import { useWords } from "../../i18n/words";
import { PersonCard } from "./PersonCard";
import { PhoneCard } from "./PhoneCard";
import "../inbox/inbox.css";
import "./phone.css";

export default function PhonePage() {
  const { t } = useWords();
  const { data: channels = [] } = useChannels();
  const simulated = channels.filter(
    ({ transport, status }) => transport === "simulator" && status.code !== "DELETED",
  );
  return (
    <div className="page-inner wide">
      <header className="page-head">
        <div className="page-title">
          <h1>{t("phone.title")}</h1>
          <p className="hint">{t("phone.hint")}</p>
        </div>
      </header>
      <div className="phones">
        {simulated.length > 0 && <PersonCard channels={simulated} />}
        {simulated.map((channel) => (
          <PhoneCard key={channel.id} channel={channel} />
        ))}
      </div>
    </div>
  );
}
