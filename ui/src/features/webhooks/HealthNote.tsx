// Since when an endpoint is not working, what that means, what helps, and the one button for it.
import { Button } from "@mantine/core";
import { useTimes } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { type Endpoint, usePausing, useTest } from "./endpoints";
import { lookOf } from "./look";
import { TestAnswer } from "./TestAnswer";
import { useTellAgain } from "./tellAgain";

export function HealthNote({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useWords();
  const { moment, second } = useTimes();
  const test = useTest();
  const { health, since, meaning, what_to_do: todo, next_try_at: next } = endpoint;
  if (health === "working") return null;
  return (
    <div className={`note tone-${lookOf(health).tone}`}>
      <div className="note-text">
        <strong>{t("webhooks.sinceWhen", { at: moment(since) })}</strong>{" "}
        {next !== null && <Why endpoint={endpoint} />}
        <p>
          {meaning} {todo}
        </p>
        {next !== null && <p>{t("webhooks.nextTry", { at: second(next) })}</p>}
      </div>
      <Helps endpoint={endpoint} test={test} />
      {test.data !== undefined && <TestAnswer tested={test.data} />}
    </div>
  );
}

function Helps({ endpoint, test }: { endpoint: Endpoint; test: ReturnType<typeof useTest> }) {
  const { t } = useWords();
  const pausing = usePausing();
  const again = useTellAgain(endpoint.id);
  const { id, health, dead_letters: dead } = endpoint;
  if (health === "paused") {
    return (
      <Button
        className="primary-action"
        loading={pausing.isPending}
        onClick={() => pausing.mutate({ id, on: false })}
      >
        {t("webhooks.resume")}
      </Button>
    );
  }
  if (health === "dead_letters") {
    return (
      <Button
        className="primary-action"
        loading={again.isPending}
        onClick={() => again.mutate({ dead_letters: true })}
      >
        {t("webhooks.tellGivenUp", { count: dead })}
      </Button>
    );
  }
  return (
    <Button className="primary-action" loading={test.isPending} onClick={() => test.mutate(id)}>
      {t("webhooks.test")}
    </Button>
  );
}

/** What came of the last try, while the same is being tried again. */
function Why({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useWords();
  const last = endpoint.last_attempt;
  if (last === null) return null;
  const said = last.error ?? t("webhooks.answered", { code: `${last.code}` });
  return <span className="breakable">{said}</span>;
}
