// One person: their rights, a new way in, and the way out.
import { useState } from "react";
import { useAccess } from "../../app/access";
import { Confirm } from "../../app/Confirm";
import { Dialog } from "../../app/Dialog";
import { Secret } from "../../app/Secret";
import { useWords } from "../../i18n/words";
import { PersonForm } from "./PersonForm";
import { type Person, remove, reset, useChange } from "./people";

export function PersonRow({ person }: { person: Person }) {
  const { t } = useWords();
  const { session } = useAccess();
  const [dialog, setDialog] = useState<"edit" | "remove" | null>(null);
  const resetting = useChange(reset);
  const removing = useChange(remove);
  const close = () => setDialog(null);
  const isMe = person.id === session.person_id;
  const link = resetting.data?.invitation.path;
  return (
    <li>
      <div className="person-who">
        <strong>{person.name}</strong>
        <span className="hint">{person.email}</span>
      </div>
      <span>
        {person.role === null ? t("role.someChannels") : t(`role.${person.role}`)}
        {person.invited && <span className="hint"> · {t("people.invited")}</span>}
      </span>
      <div className="buttons">
        {!isMe && (
          <>
            <button type="button" className="link" onClick={() => setDialog("edit")}>
              {t("people.rights")}
            </button>
            <button type="button" className="link" onClick={() => resetting.mutate(person.id)}>
              {t("people.reset")}
            </button>
            <button type="button" className="link danger" onClick={() => setDialog("remove")}>
              {t("remove")}
            </button>
          </>
        )}
      </div>
      {link !== undefined && (
        <Dialog onClose={resetting.reset} title={person.name}>
          <Secret text={window.location.origin + link} hint={t("people.link")} />
        </Dialog>
      )}
      {dialog === "edit" && <PersonForm person={person} onClose={close} />}
      {dialog === "remove" && (
        <Confirm
          title={t("people.remove.title", { name: person.name })}
          text={t("people.remove.text")}
          yes={t("remove")}
          onYes={() => removing.mutate(person.id, { onSettled: close })}
          onClose={close}
        />
      )}
    </li>
  );
}
