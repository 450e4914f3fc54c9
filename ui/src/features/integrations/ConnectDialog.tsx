// Connects a CRM by steps: which one, which channels, what has to be known, and the two ends put together.
import { Button, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { Dialog } from "../../app/Dialog";
import { useFieldErrors } from "../../app/fieldErrors";
import { useWords } from "../../i18n/words";
import { ChannelsOf } from "./ChannelsOf";
import { type Connection, type Crm, useConnect } from "./connections";
import { LastStep } from "./LastStep";
import { SettingsFields } from "./SettingsFields";
import { type Settings, wrongIn } from "./settings";

const STEPS = ["crm", "channels", "settings", "test"] as const;

interface Wishes {
  readonly crm: Crm | undefined;
  readonly name: string;
  readonly channels: readonly string[];
  readonly settings: Settings;
}

const NOTHING: Wishes = { crm: undefined, name: "", channels: [], settings: {} };

export function ConnectDialog({ crms, onClose }: { crms: readonly Crm[]; onClose: () => void }) {
  const { t } = useWords();
  const connect = useConnect();
  const [step, setStep] = useState(0);
  const [wishes, setWishes] = useState(NOTHING);
  const { crm, name, channels, settings } = wishes;
  const change = (part: Partial<Wishes>) => setWishes({ ...wishes, ...part });
  const made: Connection | undefined = connect.data;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (crm === undefined) return;
    if (step < 2) return setStep(step + 1);
    if (wrongIn(crm, settings).length > 0) return;
    const body = { kind: crm.kind, name: name || crm.title, channels: [...channels], settings };
    connect.mutate(body, { onSuccess: () => setStep(3) });
  };
  const isReady = [crm !== undefined, channels.length > 0, true][step] ?? true;
  const pages: readonly ReactNode[] = [
    <WhichCrm
      key="crm"
      crms={crms}
      chosen={crm}
      // Another CRM has other fields, and may take fewer channels.
      onChoose={(chosen) => change({ crm: chosen, channels: [], settings: {} })}
    />,
    crm !== undefined && (
      <WhichChannels key="channels" crm={crm} wishes={wishes} onChange={change} />
    ),
    crm !== undefined && (
      <Knowledge key="settings" crm={crm} wishes={wishes} onChange={change} error={connect.error} />
    ),
    made !== undefined && <LastStep key="test" connection={made} />,
  ];
  return (
    <Dialog
      size="lg"
      onClose={onClose}
      title={
        crm === undefined ? t("connections.add") : t("connections.connect", { name: crm.title })
      }
    >
      <form onSubmit={submit} className="dialog-form">
        <p className="hint">
          {t("connections.step", { step: step + 1, of: STEPS.length })} ·{" "}
          {t(`connections.step.${STEPS[step] ?? "test"}`)}
        </p>
        {pages[step]}
        <div className="dialog-buttons">
          {step > 0 && made === undefined && (
            <Button variant="default" onClick={() => setStep(step - 1)}>
              {t("back")}
            </Button>
          )}
          {made === undefined ? (
            <Button type="submit" disabled={!isReady} loading={connect.isPending}>
              {t(step < 2 ? "next" : "connections.make")}
            </Button>
          ) : (
            <Button onClick={onClose}>{t("code.done")}</Button>
          )}
        </div>
      </form>
    </Dialog>
  );
}

interface WhichProps {
  readonly crms: readonly Crm[];
  readonly chosen: Crm | undefined;
  readonly onChoose: (crm: Crm) => void;
}

function WhichCrm({ crms, chosen, onChoose }: WhichProps) {
  const { t } = useWords();
  return (
    <fieldset className="crms">
      <legend className="unseen">{t("connections.step.crm")}</legend>
      {crms.map((crm) => (
        <label key={crm.kind} className="crm">
          <input
            type="radio"
            name="crm"
            checked={crm.kind === chosen?.kind}
            onChange={() => onChoose(crm)}
          />
          <span>
            <strong>{crm.title}</strong>
            <span className="hint">{t("connections.channels", { count: crm.channels_max })}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

interface PageProps {
  readonly crm: Crm;
  readonly wishes: Wishes;
  readonly onChange: (part: Partial<Wishes>) => void;
}

function WhichChannels({ crm, wishes, onChange }: PageProps) {
  const { t } = useWords();
  return (
    <>
      <ChannelsOf
        crm={crm}
        chosen={wishes.channels}
        onChange={(channels) => onChange({ channels })}
      />
      <TextInput
        label={t("connections.name")}
        description={t("connections.name.hint")}
        placeholder={crm.title}
        value={wishes.name}
        onChange={({ currentTarget }) => onChange({ name: currentTarget.value })}
      />
    </>
  );
}

function Knowledge({ crm, wishes, onChange, error }: PageProps & { error: unknown }) {
  const names = crm.fields.map((field) => `settings.${field.name}`);
  const errorAt = useFieldErrors(error, names);
  return (
    <SettingsFields
      crm={crm}
      settings={wishes.settings}
      onChange={(settings) => onChange({ settings })}
      errorAt={errorAt}
    />
  );
}
