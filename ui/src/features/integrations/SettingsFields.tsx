// The form of a CRM, drawn from what its connector has to know.
import { PasswordInput, TextInput } from "@mantine/core";
import { useWords } from "../../i18n/words";
import type { Crm, Field } from "./connections";
import { fits, type Settings } from "./settings";

interface Props {
  readonly crm: Crm;
  readonly settings: Settings;
  readonly onChange: (settings: Settings) => void;
  /** Secrets that are set already. */
  readonly kept?: readonly string[];
  /** Takes a secret away that may be missing. */
  readonly onTake?: (name: string) => void;
  readonly errorAt: (field: string) => string | undefined;
}

export function SettingsFields({ crm, settings, onChange, kept = [], onTake, errorAt }: Props) {
  return crm.fields.map((field) => (
    <SettingsField
      key={field.name}
      field={field}
      value={settings[field.name] ?? ""}
      onChange={(value) => onChange({ ...settings, [field.name]: value })}
      isKept={kept.includes(field.name)}
      onTake={onTake}
      error={errorAt(`settings.${field.name}`)}
    />
  ));
}

interface FieldProps {
  readonly field: Field;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly isKept: boolean;
  readonly onTake: ((name: string) => void) | undefined;
  readonly error: string | undefined;
}

function SettingsField({ field, value, onChange, isKept, onTake, error }: FieldProps) {
  const { t } = useWords();
  const looksWrong = !fits(field, value);
  const hints = [
    field.where,
    field.required ? "" : t("connections.optional"),
    isKept ? t("connections.secretKept") : "",
  ];
  const asked = {
    label: field.title,
    description: hints.filter(Boolean).join(" · "),
    placeholder: isKept ? "••••••••" : field.example,
    value,
    onChange: ({ currentTarget }: { currentTarget: HTMLInputElement }) =>
      onChange(currentTarget.value),
    error: error ?? (looksWrong && t("connections.looksWrong", { example: field.example })),
    required: field.required && !isKept,
    autoComplete: "off",
    spellCheck: false,
  };
  return field.secret ? (
    <div>
      <PasswordInput {...asked} visibilityToggleButtonProps={{ "aria-label": t("signIn.show") }} />
      {isKept && !field.required && onTake !== undefined && (
        <button type="button" className="link hint" onClick={() => onTake(field.name)}>
          {t("connections.secretTake", { title: field.title })}
        </button>
      )}
    </div>
  ) : (
    <TextInput {...asked} />
  );
}
