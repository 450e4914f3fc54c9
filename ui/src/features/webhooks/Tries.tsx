// Every try of the last two weeks, the newest first; one opens to its answer and its payload.
import { Button } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useTimes } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { type Endpoint, type Try, usePosted, useTries } from "./endpoints";
import { isTaken } from "./look";
import { More } from "./More";
import { Opening } from "./Opening";
import { Payload } from "./Payload";
import { useTellAgain } from "./tellAgain";

export function Tries({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useWords();
  const found = useTries(endpoint.id);
  if (found.rows === undefined) return null;
  if (found.rows.length === 0) return <p className="empty">{t("webhooks.noTries")}</p>;
  return (
    <>
      <ul className="log">
        {found.rows.map((one) => (
          <TryRow key={one.id} endpoint={endpoint} one={one} />
        ))}
      </ul>
      <More found={found} />
    </>
  );
}

function TryRow({ endpoint, one }: { endpoint: Endpoint; one: Try }) {
  const { t } = useWords();
  const { second, took } = useTimes();
  const taken = isTaken(one.code);
  const Sign = taken ? IconCircleCheck : IconAlertTriangle;
  const line = (
    <>
      <span className={`log-code tone-${taken ? "ok" : "stop"}`}>
        <Sign size={16} aria-hidden />
        {one.code ?? t("webhooks.noCode")}
      </span>
      <span className="log-what">
        <span className="log-kind">
          {one.kind}
          {one.facts > 1 && ` × ${one.facts}`}
        </span>
        {!taken && <span className="log-why">{one.error ?? one.answer}</span>}
      </span>
      <span className="hint log-took">{took(one.took_ms)}</span>
      <time className="hint" dateTime={one.at}>
        {second(one.at)}
      </time>
    </>
  );
  return (
    <Opening line={line}>
      <Details endpoint={endpoint} one={one} />
    </Opening>
  );
}

function Details({ endpoint, one }: { endpoint: Endpoint; one: Try }) {
  const { t } = useWords();
  const { exact, second } = useTimes();
  const { data: posted } = usePosted(endpoint.id, one.id);
  const again = useTellAgain(endpoint.id);
  const event = one.first_event_id;
  return (
    <>
      <dl className="log-facts">
        <dt>{t("webhooks.when")}</dt>
        <dd>{exact(one.at)}</dd>
        {one.error !== null && (
          <>
            <dt>{t("webhooks.error")}</dt>
            <dd className="breakable">{one.error}</dd>
          </>
        )}
        {one.next_try_at !== null && (
          <>
            <dt>{t("webhooks.next")}</dt>
            <dd>{second(one.next_try_at)}</dd>
          </>
        )}
        {event !== null && (
          <>
            <dt>{t("webhooks.event")}</dt>
            <dd className="breakable">
              {event === one.last_event_id ? event : `${event} … ${one.last_event_id}`}
            </dd>
          </>
        )}
        {one.answer !== "" && (
          <>
            <dt>{t("webhooks.answer")}</dt>
            <dd>
              <pre className="raw">{one.answer}</pre>
            </dd>
          </>
        )}
      </dl>
      {posted !== undefined && <Payload body={posted.body} title={t("webhooks.payload")} />}
      {event !== null && event === one.last_event_id && (
        <Button
          variant="default"
          size="sm"
          loading={again.isPending}
          onClick={() => again.mutate({ event_id: event })}
        >
          {t("webhooks.tellAgain")}
        </Button>
      )}
    </>
  );
}
