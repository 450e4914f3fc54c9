// Connections to CRMs: how each is, and connecting one by steps.
import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { AskWho } from "../../app/AskWho";
import { useAccess } from "../../app/access";
import { useWords } from "../../i18n/words";
import { ConnectDialog } from "./ConnectDialog";
import { ConnectionCard } from "./ConnectionCard";
import { useConnections, useCrms } from "./connections";
import "./integrations.css";
import { worstFirst } from "./look";

export default function IntegrationsPage() {
  const { t, language } = useWords();
  const { may } = useAccess();
  const mayManage = may("set_up");
  const { data: connections } = useConnections(mayManage);
  const { data: crms = [] } = useCrms(language, mayManage);
  const [connecting, setConnecting] = useState(false);
  const connect = (
    <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => setConnecting(true)}>
      {t("connections.add")}
    </Button>
  );
  return (
    <div className="page-inner wide">
      <header className="page-head">
        <div className="page-title">
          <h1>{t("nav.integrations")}</h1>
          <p className="hint">{t("connections.hint")}</p>
        </div>
        {connections !== undefined && connections.length > 0 && connect}
      </header>
      {!mayManage && <AskWho todo={t("connections.manage")} />}
      {connections?.length === 0 && (
        <section className="card none-yet">
          <h2>{t("connections.none")}</h2>
          <p>{t("connections.none.which", { names: namesOf(crms, language) })}</p>
          {connect}
        </section>
      )}
      <div className="connections">
        {connections?.toSorted(worstFirst).map((one) => (
          <ConnectionCard
            key={one.id}
            connection={one}
            crm={crms.find(({ kind }) => kind === one.kind)}
          />
        ))}
      </div>
      {connecting && <ConnectDialog crms={crms} onClose={() => setConnecting(false)} />}
    </div>
  );
}

function namesOf(crms: readonly { title: string }[], language: string): string {
  const list = new Intl.ListFormat(language, { type: "disjunction" });
  return list.format(crms.map(({ title }) => title));
}
