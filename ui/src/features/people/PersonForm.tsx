// Invites somebody, or changes their rights: one role for all channels, others where it differs.
import { Button, Select, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useChannels } from "../../api/queries";
import { Dialog } from "../../app/Dialog";
import { useFieldErrors } from "../../app/fieldErrors";
import { Secret } from "../../app/Secret";
import { useWords } from "../../i18n/words";
import { changeRoles, invite, type Person, ROLES, type Role, useChange } from "./people";

type OfChannels = Readonly<Record<string, Role>>;

export function PersonForm({ person, onClose }: { person: Person | null; onClose: () => void }) {
  const { t } = useWords();
  const [role, setRole] = useState<Role | null>(person === null ? "manager" : person.role);
  const [ofChannels, setOfChannels] = useState<OfChannels>(() => rolesOf(person));
  const inviting = useChange(invite, "form");
  const changing = useChange(changeRoles, "form");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const name = `${form.get("name")}`;
    const channels = Object.entries(ofChannels).map(([channel_id, one]) => ({
      channel_id,
      role: one,
    }));
    if (person === null) inviting.mutate({ name, email: `${form.get("email")}`, role, channels });
    else changing.mutate({ id: person.id, name, role, channels }, { onSuccess: onClose });
  };
  const wrong = useFieldErrors(
    inviting.error ?? changing.error,
    person === null ? ["name", "role", "email"] : ["name", "role"],
  );
  const link = inviting.data?.invitation.path;
  return (
    <Dialog onClose={onClose} title={person?.name ?? t("people.invite")}>
      {link !== undefined ? (
        <Secret text={window.location.origin + link} hint={t("people.link")} />
      ) : (
        <form onSubmit={submit} className="dialog-form">
          <TextInput
            name="name"
            label={t("people.name")}
            defaultValue={person?.name}
            required
            data-autofocus
            error={wrong("name")}
          />
          {person === null && (
            <TextInput
              name="email"
              type="email"
              label={t("signIn.email")}
              required
              error={wrong("email")}
            />
          )}
          <RoleChoice
            label={t("people.role")}
            value={role}
            onChange={setRole}
            error={wrong("role")}
          />
          {role !== "administrator" && <PerChannel chosen={ofChannels} onChange={setOfChannels} />}
          <div className="dialog-buttons">
            <Button type="submit" loading={inviting.isPending || changing.isPending}>
              {person === null ? t("people.makeLink") : t("save")}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

function PerChannel(props: { chosen: OfChannels; onChange: (chosen: OfChannels) => void }) {
  const { t } = useWords();
  const { data: channels = [] } = useChannels();
  const there = channels.filter(({ status }) => status.code !== "DELETED");
  const { chosen, onChange } = props;
  const choose = (channel: string, role: Role | null) => {
    const { [channel]: _before, ...others } = chosen;
    onChange(role === null ? others : { ...others, [channel]: role });
  };
  return (
    <fieldset>
      <legend>{t("people.perChannel")}</legend>
      {there.map(({ id, name }) => (
        <RoleChoice
          key={id}
          label={name}
          value={chosen[id] ?? null}
          onChange={(role) => choose(id, role)}
          empty={t("people.asAbove")}
          isOfChannel
        />
      ))}
    </fieldset>
  );
}

interface RoleChoiceProps {
  readonly label: string;
  readonly value: Role | null;
  readonly onChange: (role: Role | null) => void;
  readonly empty?: string;
  readonly isOfChannel?: boolean;
  readonly error?: string | undefined;
}

function RoleChoice(props: RoleChoiceProps) {
  const { label, value, onChange, empty, error, isOfChannel = false } = props;
  const { t } = useWords();
  const roles = isOfChannel ? ROLES.filter((role) => role !== "administrator") : ROLES;
  return (
    <Select
      label={label}
      description={value === null ? undefined : t(`role.${value}.hint`)}
      value={value ?? ""}
      onChange={(chosen) => onChange(chosen === "" ? null : (chosen as Role))}
      data={[
        { value: "", label: empty ?? t("people.noOther") },
        ...roles.map((one) => ({ value: one, label: t(`role.${one}`) })),
      ]}
      allowDeselect={false}
      error={error}
    />
  );
}

function rolesOf(person: Person | null): OfChannels {
  return Object.fromEntries((person?.channels ?? []).map((one) => [one.channel_id, one.role]));
}
