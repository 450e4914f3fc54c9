// One endpoint: how it is, every try to reach it, what was given up, and telling it again.
import { Button, SegmentedControl } from "@mantine/core";
import { IconArrowLeft, IconRepeat, IconSend } from "@tabler/icons-react";
import { useState } from "react";
import { Link, Redirect } from "wouter";
import { useTimes } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { DeadLetters } from "./DeadLetters";
import { EndpointMenu } from "./EndpointMenu";
import { type Endpoint, isOurs, nameOf, useEndpoints, useTest } from "./endpoints";
import { HealthBadge } from "./HealthBadge";
import { HealthNote } from "./HealthNote";
import { ReplayDialog } from "./ReplayDialog";
import { TestAnswer } from "./TestAnswer";
import { Tries } from "./Tries";
import { useTold } from "./told";

export function EndpointPage({ id }: { id: string }) {
  const { t } = useWords();
  const { data: endpoints } = useEndpoints(true);
  if (endpoints === undefined) return null;
  const endpoint = endpoints.find((one) => one.id === id);
  if (endpoint === undefined) return <Redirect to="/webhooks" replace />; // It was removed.
  return (
    <div className="page-inner">
      <header className="page-head endpoint-head">
        <Link href="/webhooks" className="back" aria-label={t("webhooks.back")}>
          <IconArrowLeft size={20} aria-hidden />
        </Link>
        <div className="page-title endpoint-who">
          <h1>{nameOf(endpoint)}</h1>
          <p className="hint address">{endpoint.url}</p>
        </div>
        <HealthBadge endpoint={endpoint} />
        <EndpointMenu endpoint={endpoint} />
      </header>
      <Whole endpoint={endpoint} />
    </div>
  );
}

function Whole({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useWords();
  const [shown, setShown] = useState<"tries" | "dead">("tries");
  const [asking, setAsking] = useState(false);
  const test = useTest();
  const dead = endpoint.dead_letters;
  return (
    <>
      <HealthNote endpoint={endpoint} />
      <Facts endpoint={endpoint} />
      <section className="card">
        <header className="card-head">
          <h2>{t("webhooks.deliveries")}</h2>
          <SegmentedControl
            value={shown}
            onChange={(chosen) => setShown(chosen as typeof shown)}
            data={[
              { value: "tries", label: t("webhooks.tries") },
              { value: "dead", label: t("webhooks.dead", { count: dead }) },
            ]}
            aria-label={t("webhooks.deliveries")}
          />
          {endpoint.health === "working" && (
            <Button
              variant="default"
              leftSection={<IconSend size={18} aria-hidden />}
              loading={test.isPending}
              onClick={() => test.mutate(endpoint.id)}
            >
              {t("webhooks.test")}
            </Button>
          )}
          <Button
            variant="default"
            leftSection={<IconRepeat size={18} aria-hidden />}
            onClick={() => setAsking(true)}
          >
            {t("webhooks.replay")}
          </Button>
        </header>
        {test.data !== undefined && <TestAnswer tested={test.data} />}
        {endpoint.replays > 0 && (
          <p className="hint">{t("webhooks.replays", { count: endpoint.replays })}</p>
        )}
        {shown === "tries" ? <Tries endpoint={endpoint} /> : <DeadLetters endpoint={endpoint} />}
      </section>
      {asking && <ReplayDialog endpoint={endpoint} onClose={() => setAsking(false)} />}
    </>
  );
}

function Facts({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useWords();
  const { exact } = useTimes();
  const told = useTold(endpoint);
  const older = endpoint.older_secret_until;
  return (
    <ul className="meta">
      <li>{t("webhooks.made", { at: exact(endpoint.created_at) })}</li>
      <li className="breakable">{told.kinds}</li>
      <li>{told.channels}</li>
      {!isOurs(endpoint) && <li>{t("webhooks.wazzup")}</li>}
      {older !== null && <li>{t("webhooks.olderSecret", { at: exact(older) })}</li>}
    </ul>
  );
}
