// What the live test of a connection has looked at, and how it is.
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useWords } from "../../i18n/words";
import type { Finding } from "./connections";

export function Findings({ findings }: { findings: readonly Finding[] }) {
  const { t } = useWords();
  const isGood = findings.every(({ good }) => good);
  return (
    <div className="findings" role="status">
      <strong>{t(isGood ? "connections.test.good" : "connections.test.bad")}</strong>
      <ul>
        {findings.map(({ good, text }) => (
          <li key={text} className={`tone-${good ? "ok" : "stop"}`}>
            {good ? (
              <IconCircleCheck size={18} aria-label={t("connections.good")} />
            ) : (
              <IconAlertTriangle size={18} aria-label={t("connections.bad")} />
            )}
            <span>{text}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
