// All endpoints: those that need somebody on top. None yet: how one is made.
import { Button } from "@mantine/core";
import { IconPlus, IconSend } from "@tabler/icons-react";
import { useState } from "react";
import { AskWho } from "../../app/AskWho";
import { useAccess } from "../../app/access";
import { CopyButton } from "../../app/CopyButton";
import { useWords } from "../../i18n/words";
import { EndpointCard } from "./EndpointCard";
import { EndpointForm } from "./EndpointForm";
import { useEndpoints } from "./endpoints";
import { worstFirst } from "./look";

type Making = "quietly" | "with a test" | null;

export function EndpointsList() {
  const { t } = useWords();
  const { may } = useAccess();
  const mayManage = may("set_up");
  const { data: endpoints } = useEndpoints(mayManage);
  const [making, setMaking] = useState<Making>(null);
  if (!mayManage) return <AskWho todo={t("webhooks.manage")} />;
  if (endpoints === undefined) return null;
  return (
    <>
      {endpoints.length === 0 ? (
        <NoneYet onTest={() => setMaking("with a test")} onMake={() => setMaking("quietly")} />
      ) : (
        <section aria-label={t("webhooks.endpoints")} className="endpoints">
          <Button
            variant={endpoints.every(({ health }) => health === "working") ? "filled" : "default"}
            leftSection={<IconPlus size={18} aria-hidden />}
            onClick={() => setMaking("quietly")}
          >
            {t("webhooks.add")}
          </Button>
          <ul className="endpoint-cards">
            {endpoints.toSorted(worstFirst).map((endpoint) => (
              <EndpointCard key={endpoint.id} endpoint={endpoint} />
            ))}
          </ul>
        </section>
      )}
      {making !== null && (
        <EndpointForm
          endpoint={null}
          testsAtOnce={making === "with a test"}
          onClose={() => setMaking(null)}
        />
      )}
    </>
  );
}

function NoneYet({ onTest, onMake }: { onTest: () => void; onMake: () => void }) {
  const { t } = useWords();
  const curl = [
    `curl -X POST ${window.location.origin}/api/v1/endpoints \\`,
    '  -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \\',
    `  -d '{"name": "CRM", "url": "https://crm.example/houston"}'`,
  ].join("\n");
  return (
    <section className="card none-yet">
      <h2>{t("webhooks.none")}</h2>
      <div className="buttons">
        <Button leftSection={<IconSend size={18} aria-hidden />} onClick={onTest}>
          {t("webhooks.test")}
        </Button>
        <Button variant="default" leftSection={<IconPlus size={18} aria-hidden />} onClick={onMake}>
          {t("webhooks.add")}
        </Button>
      </div>
      <p className="hint">{t("webhooks.none.curl")}</p>
      <pre className="raw">{curl}</pre>
      <CopyButton text={curl} variant="default" />
    </section>
  );
}
