// How the receiver took a test, as it was seen a moment ago.
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useTimes } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import type { Tested } from "./endpoints";

export function TestAnswer({ tested }: { tested: Tested }) {
  const { t } = useWords();
  const { took } = useTimes();
  const Sign = tested.ok ? IconCircleCheck : IconAlertTriangle;
  const answer =
    tested.code === null
      ? (tested.error ?? t("webhooks.noAnswer"))
      : t("webhooks.answered", { code: `${tested.code}` });
  return (
    <div className={`test-answer tone-${tested.ok ? "ok" : "stop"}`} role="status">
      <p>
        <Sign size={18} aria-hidden />
        <strong>{t(tested.ok ? "webhooks.test.taken" : "webhooks.test.refused")}</strong>
        <span className="breakable">
          {answer} · {took(tested.took_ms)}
        </span>
      </p>
      {tested.answer !== "" && <pre className="raw">{tested.answer}</pre>}
    </div>
  );
}
