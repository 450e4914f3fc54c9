// Webhooks: who is told what happens, how it went, and what happens now.
import { SegmentedControl } from "@mantine/core";
import { useLocation } from "wouter";
import { useAccess } from "../../app/access";
import { useWords } from "../../i18n/words";
import { EndpointPage } from "./EndpointPage";
import { EndpointsList } from "./EndpointsList";
import { Monitor } from "./Monitor";
import "./webhooks.css";

const EVENTS = "events";

/** `place` is an endpoint's id, or the word for the live events. */
export default function WebhooksPage({ place }: { place: string | undefined }) {
  const { t } = useWords();
  const [, goTo] = useLocation();
  const { may } = useAccess();
  if (place !== undefined && place !== EVENTS && may("set_up")) return <EndpointPage id={place} />;
  return (
    <div className="page-inner">
      <header className="page-head">
        <div className="page-title">
          <h1>{t("nav.webhooks")}</h1>
          <p className="hint">{t("webhooks.hint")}</p>
        </div>
        <SegmentedControl
          value={place === EVENTS ? EVENTS : ""}
          onChange={(chosen) => goTo(chosen === "" ? "/webhooks" : `/webhooks/${chosen}`)}
          data={[
            { value: "", label: t("webhooks.endpoints") },
            { value: EVENTS, label: t("events.title") },
          ]}
          aria-label={t("webhooks.choose")}
        />
      </header>
      {place === EVENTS ? <Monitor /> : <EndpointsList />}
    </div>
  );
}
