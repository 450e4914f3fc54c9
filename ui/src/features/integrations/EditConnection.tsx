// Changes a connection: its name, its channels and what it knows of the CRM.
import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Dialog } from "../../app/Dialog";
import { useFieldErrors } from "../../app/fieldErrors";
import { useWords } from "../../i18n/words";
import { ChannelsOf } from "./ChannelsOf";
import { type Connection, type Crm, useEdit } from "./connections";
import { SettingsFields } from "./SettingsFields";
import { changedSettings, type Settings, wrongIn } from "./settings";

interface Props {
  readonly connection: Connection;
  readonly crm: Crm;
  readonly onClose: () => void;
}

export function EditConnection({ connection, crm, onClose }: Props) {
  const { t } = useWords();
  const edit = useEdit(connection.id);
  const [name, setName] = useState(connection.name);
  const [channels, setChannels] = useState<readonly string[]>(connection.channels);
  const [settings, setSettings] = useState<Settings>(connection.settings);
  const [taken, setTaken] = useState<readonly string[]>([]);
  const kept = connection.secrets.filter((one) => !taken.includes(one));
  const names = crm.fields.map((field) => `settings.${field.name}`);
  const errorAt = useFieldErrors(edit.error, ["name", ...names, "channels"]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wrongIn(crm, settings, kept).length > 0) return;
    const body = { name, channels: [...channels], settings: changedSettings(crm, settings, taken) };
    edit.mutate(body, { onSuccess: onClose });
  };
  return (
    <Dialog size="lg" onClose={onClose} title={`${crm.title} · ${connection.name}`}>
      <form onSubmit={submit} className="dialog-form">
        <TextInput
          label={t("channel.name")}
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
          error={errorAt("name")}
          required
          data-autofocus
        />
        <SettingsFields
          crm={crm}
          settings={settings}
          onChange={setSettings}
          kept={kept}
          onTake={(one) => setTaken([...taken, one])}
          errorAt={errorAt}
        />
        <ChannelsOf
          crm={crm}
          chosen={channels}
          onChange={setChannels}
          error={errorAt("channels")}
        />
        <div className="dialog-buttons">
          <Button type="submit" loading={edit.isPending} disabled={channels.length === 0}>
            {t("save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
