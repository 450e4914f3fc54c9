// How long a code is still good for.
import { useEffect, useState } from "react";
import { useWords } from "../../i18n/words";

export function Countdown({ until, onEnd }: { until: string; onEnd: () => void }) {
  const { t } = useWords();
  const [left, setLeft] = useState(() => secondsTo(until));
  useEffect(() => {
    setLeft(secondsTo(until));
    const timer = setInterval(() => {
      const now = secondsTo(until);
      setLeft(now);
      if (now === 0) onEnd();
    }, 1_000);
    return () => clearInterval(timer);
  }, [until, onEnd]);
  return <>{t("code.left", { count: left })}</>;
}

function secondsTo(until: string): number {
  return Math.max(0, Math.ceil((Date.parse(until) - Date.now()) / 1_000));
}
