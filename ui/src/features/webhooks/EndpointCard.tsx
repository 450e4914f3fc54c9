// One endpoint among others: how it is, since when, what is told, and what helps.
import { Link } from "wouter";
import { useTimes } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { EndpointMenu } from "./EndpointMenu";
import { type Endpoint, isOurs, nameOf } from "./endpoints";
import { HealthBadge } from "./HealthBadge";
import { HealthNote } from "./HealthNote";
import { useTold } from "./told";

export function EndpointCard({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useWords();
  const told = useTold(endpoint);
  return (
    <li className="card endpoint" data-endpoint={endpoint.id}>
      <header className="card-head">
        <div className="endpoint-who">
          <h2>
            <Link href={`/webhooks/${endpoint.id}`}>{nameOf(endpoint)}</Link>
          </h2>
          <p className="hint address">{endpoint.url}</p>
        </div>
        <HealthBadge endpoint={endpoint} />
        <EndpointMenu endpoint={endpoint} />
      </header>
      <HealthNote endpoint={endpoint} />
      <ul className="meta endpoint-facts">
        <LastTry endpoint={endpoint} />
        <li>{told.kinds}</li>
        <li>{told.channels}</li>
        {!isOurs(endpoint) && <li>{t("webhooks.wazzup")}</li>}
        {endpoint.dead_letters > 0 && (
          <li>
            <Link href={`/webhooks/${endpoint.id}`} className="danger">
              {t("webhooks.givenUp", { count: endpoint.dead_letters })}
            </Link>
          </li>
        )}
        {endpoint.replays > 0 && <li>{t("webhooks.replays", { count: endpoint.replays })}</li>}
      </ul>
    </li>
  );
}

function LastTry({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useWords();
  const { second, took } = useTimes();
  const last = endpoint.last_attempt;
  if (last === null) return <li>{t("webhooks.neverTried")}</li>;
  const answer = last.code === null ? t("webhooks.noAnswer") : `${last.code}`;
  return (
    <li>{t("webhooks.lastTry", { answer, took: took(last.took_ms), at: second(last.at) })}</li>
  );
}
