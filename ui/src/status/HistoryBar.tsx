// A channel's past as pills, with its beginning, end, percent and the same facts as text.

import type { Channel } from "../api/client";
import { useHistory } from "../api/queries";
import { useTimes } from "../i18n/times";
import { useWords } from "../i18n/words";
import { lookOf } from "./look";
import { activeShare, slices, stretches } from "./slices";

export type Range = "24h" | "7d" | "90d";
export const HOURS: Readonly<Record<Range, number>> = { "24h": 24, "7d": 168, "90d": 2160 };

/** As many as are told apart at the usual width. */
const PILLS = 48;
const PILL_WIDTH = 8;
const HEIGHT = 26;

interface Props {
  readonly channel: Channel;
  readonly range: Range;
  /** Without words below: for rows. */
  readonly bare?: boolean;
  readonly pills?: number;
}

export function HistoryBar({ channel, range, bare = false, pills = PILLS }: Props) {
  const { t, statusTitle } = useWords();
  const times = useTimes();
  const { data: changes } = useHistory(channel.id, HOURS[range]);
  if (changes === undefined) return <div className="history-empty" />;
  const until = Date.now();
  const from = until - HOURS[range] * 3_600_000;
  const now = { code: channel.status.code, at: until };
  const all = stretches(changes, now, Date.parse(channel.created_at));
  const share = times.percent(activeShare(all, from, until));
  const told = all
    .filter((one) => one.until > from)
    .map((one) => `${times.dayAndClock(Math.max(one.from, from))} ${statusTitle(one.code)}`);
  const percent = t("history.active", { share });
  return (
    <div className="history">
      <svg
        className="history-bar"
        viewBox={`0 0 ${pills * PILL_WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${t(`history.range.${range}`)}: ${percent}. ${told.slice(-20).join("; ")}`}
      >
        {slices(all, from, until, pills).map(({ from: start, until: end, code }, n) => {
          const height = code === null ? 4 : 6 + 20 * lookOf(code).height;
          const what = code === null ? t("history.nothing") : statusTitle(code);
          return (
            <rect
              key={start}
              className={code === null ? "pill" : `pill tone-${lookOf(code).tone}`}
              x={n * PILL_WIDTH}
              y={HEIGHT - height}
              width={PILL_WIDTH - 2.5}
              height={height}
              rx={2}
            >
              <title>{`${times.dayAndClock(start)} – ${times.dayAndClock(end)}: ${what}`}</title>
            </rect>
          );
        })}
      </svg>
      {bare ? (
        <span className="history-share">{percent}</span>
      ) : (
        <div className="history-ends" aria-hidden>
          <span>{times.dayAndClock(from)}</span>
          <strong>{percent}</strong>
          <span>{t("history.now")}</span>
        </div>
      )}
    </div>
  );
}
