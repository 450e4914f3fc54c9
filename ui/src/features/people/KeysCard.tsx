// Keys of programs: made with just the rights they need, shown once, revoked by a press.
import { Button, Checkbox, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import type { Schemas } from "../../api/client";
import { Confirm } from "../../app/Confirm";
import { Dialog } from "../../app/Dialog";
import { Secret } from "../../app/Secret";
import { useTimes } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { type ApiKey, makeKey, revokeKey, useChange, useKeys } from "./people";

const SCOPES: readonly Schemas["Doing"][] = [
  "read",
  "write",
  "steer",
  "set_up",
  "pay",
  "administer",
];

export function KeysCard() {
  const { t } = useWords();
  const { data: keys = [] } = useKeys();
  const [making, setMaking] = useState(false);
  return (
    <section className="card">
      <header className="card-head">
        <h2>{t("apiKeys.title")}</h2>
        <Button
          variant="default"
          leftSection={<IconPlus size={18} aria-hidden />}
          onClick={() => setMaking(true)}
        >
          {t("apiKeys.make")}
        </Button>
      </header>
      <ul className="people">
        {keys.map((key) => (
          <KeyRow key={key.id} apiKey={key} />
        ))}
      </ul>
      {making && <NewKey onClose={() => setMaking(false)} />}
    </section>
  );
}

function KeyRow({ apiKey }: { apiKey: ApiKey }) {
  const { t } = useWords();
  const { exact } = useTimes();
  const [asking, setAsking] = useState(false);
  const revoking = useChange(revokeKey);
  const used = apiKey.last_used_at;
  return (
    <li>
      <div className="person-who">
        <strong>{apiKey.name}</strong>
        <span className="hint">
          {used === null ? t("apiKeys.neverUsed") : t("apiKeys.used", { at: exact(used) })}
        </span>
      </div>
      <span className="hint">
        {apiKey.scopes.map((scope) => t(`apiKeys.scope.${scope}`)).join(", ")}
      </span>
      <button type="button" className="link danger" onClick={() => setAsking(true)}>
        {t("apiKeys.revoke")}
      </button>
      {asking && (
        <Confirm
          title={t("apiKeys.revoke.title", { name: apiKey.name })}
          text={t("apiKeys.revoke.text")}
          yes={t("apiKeys.revoke")}
          onYes={() => revoking.mutate(apiKey.id, { onSettled: () => setAsking(false) })}
          onClose={() => setAsking(false)}
        />
      )}
    </li>
  );
}

function NewKey({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const making = useChange(makeKey);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const scopes = form.getAll("scopes") as Schemas["Doing"][];
    making.mutate({ name: `${form.get("name")}`, scopes });
  };
  return (
    <Dialog onClose={onClose} title={t("apiKeys.make")}>
      {making.data !== undefined ? (
        <Secret text={making.data.api_key} hint={t("apiKeys.once")} />
      ) : (
        <form onSubmit={submit} className="dialog-form">
          <TextInput name="name" label={t("channel.name")} required data-autofocus />
          <fieldset>
            <legend>{t("apiKeys.scopes")}</legend>
            {SCOPES.map((scope) => (
              <Checkbox
                key={scope}
                name="scopes"
                value={scope}
                label={t(`apiKeys.scope.${scope}`)}
                defaultChecked={scope === "read" || scope === "write"}
              />
            ))}
          </fieldset>
          <div className="dialog-buttons">
            <Button type="submit" loading={making.isPending}>
              {t("apiKeys.make")}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
