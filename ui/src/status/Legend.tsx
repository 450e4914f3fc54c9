// What the pills of a history mean: colour, height and word together.
import { useWords } from "../i18n/words";
import { lookOf } from "./look";

const SHOWN = ["ACTIVE", "JUST_A_MINUTE", "SCAN_QR", "PHONE_UNAVAILABLE", "NOT_PAID", "DISABLED"];

export function Legend() {
  const { statusTitle } = useWords();
  return (
    <ul className="legend">
      {SHOWN.map((code) => (
        <li key={code}>
          <svg width="6" height="20" viewBox="0 0 6 26" aria-hidden>
            <rect
              className={`pill tone-${lookOf(code).tone}`}
              y={20 - 20 * lookOf(code).height}
              width="6"
              height={6 + 20 * lookOf(code).height}
              rx="2"
            />
          </svg>
          {statusTitle(code)}
        </li>
      ))}
    </ul>
  );
}
