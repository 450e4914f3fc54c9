// Over the field: why nothing can be sent, or since when and how much waits.
import type { Channel } from "../../api/client";
import { useTimes } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { StatusNote } from "../../status/StatusNote";

export function PolicyNote({ channel }: { channel: Channel }) {
  const { t } = useWords();
  const { moment } = useTimes();
  const { outgoing, queue, status } = channel;
  if (outgoing === "send" && status.action === null) return null;
  const waiting = queue.messages ?? 0;
  return (
    <StatusNote channel={channel} folds>
      <strong className="policy">
        {outgoing === "refuse" && t("policy.refuse")}
        {outgoing === "hold" && waiting === 0 && t("policy.hold")}
        {outgoing === "hold" &&
          waiting > 0 &&
          t("policy.waiting", { count: waiting, at: queue.since ? moment(queue.since) : "" })}
      </strong>
    </StatusNote>
  );
}
