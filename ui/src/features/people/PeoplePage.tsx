// Who can sign in and with which rights, and which programs have keys.
import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { AskWho } from "../../app/AskWho";
import { useAccess } from "../../app/access";
import { useWords } from "../../i18n/words";
import { AuditCard } from "./AuditCard";
import { KeysCard } from "./KeysCard";
import { PersonForm } from "./PersonForm";
import { PersonRow } from "./PersonRow";
import { usePeople } from "./people";

export default function PeoplePage() {
  const { t } = useWords();
  const { may } = useAccess();
  return (
    <div className="page-inner narrow">
      <header className="page-head">
        <h1>{t("nav.people")}</h1>
      </header>
      {may("administer") ? (
        <>
          <PeopleCard />
          <KeysCard />
          <AuditCard />
        </>
      ) : (
        <AskWho todo={t("people.manage")} />
      )}
    </div>
  );
}

function PeopleCard() {
  const { t } = useWords();
  const { data: people = [] } = usePeople();
  const [inviting, setInviting] = useState(false);
  return (
    <section className="card">
      <header className="card-head">
        <h2>{t("people.who")}</h2>
        <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => setInviting(true)}>
          {t("people.invite")}
        </Button>
      </header>
      <ul className="people">
        {people.map((person) => (
          <PersonRow key={person.id} person={person} />
        ))}
      </ul>
      {inviting && <PersonForm person={null} onClose={() => setInviting(false)} />}
    </section>
  );
}
