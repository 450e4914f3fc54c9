// What was given up: why, what it said, and telling it again, one by one or all.
import { Button } from "@mantine/core";
import { IconMailX } from "@tabler/icons-react";
import { useTimes } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { type Dead, type Endpoint, useDead } from "./endpoints";
import { More } from "./More";
import { Opening } from "./Opening";
import { Payload } from "./Payload";
import { useTellAgain } from "./tellAgain";

export function DeadLetters({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useWords();
  const found = useDead(endpoint.id);
  const again = useTellAgain(endpoint.id);
  if (found.rows === undefined) return null;
  if (found.rows.length === 0) return <p className="empty">{t("webhooks.noDead")}</p>;
  return (
    <>
      <p>
        {t("webhooks.dead.hint")}{" "}
        <Button
          variant="default"
          size="sm"
          loading={again.isPending}
          onClick={() => again.mutate({ dead_letters: true })}
        >
          {t("webhooks.tellAllAgain")}
        </Button>
      </p>
      <ul className="log">
        {found.rows.map((one) => (
          <DeadRow
            key={one.id}
            one={one}
            onAgain={() => again.mutate({ dead_letters: [one.id] })}
          />
        ))}
      </ul>
      <More found={found} />
    </>
  );
}

function DeadRow({ one, onAgain }: { one: Dead; onAgain: () => void }) {
  const { t } = useWords();
  const { second } = useTimes();
  const line = (
    <>
      <span className="log-code tone-stop">
        <IconMailX size={16} aria-hidden />
      </span>
      <span className="log-what">
        <span className="log-why">{one.error}</span>
      </span>
      <span />
      <time className="hint" dateTime={one.at}>
        {second(one.at)}
      </time>
    </>
  );
  return (
    <Opening line={line}>
      <p className="breakable">{one.error}</p>
      <Payload body={one.body} title={t("webhooks.payload")} />
      <Button variant="default" size="sm" onClick={onAgain}>
        {t("webhooks.tellAgain")}
      </Button>
    </Opening>
  );
}
