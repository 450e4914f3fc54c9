// Whom to tell, about what, on which channels, and when to leave them in peace.
import { Button, Checkbox, Select, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useChannels } from "../../api/queries";
import { Dialog } from "../../app/Dialog";
import { useFieldErrors } from "../../app/fieldErrors";
import { LANGUAGES, useWords } from "../../i18n/words";
import { type Curator, useKeepCurator, WANTS, type Want, type Wishes } from "./curators";

const FIELDS = ["name", "phone", "after_minutes", "routes"] as const;

export function CuratorForm({
  curator,
  onClose,
}: {
  curator: Curator | null;
  onClose: () => void;
}) {
  const { t, language } = useWords();
  const keep = useKeepCurator(curator, onClose);
  const wrong = useFieldErrors(keep.error, FIELDS);
  const [all, setAll] = useState(curator === null || curator.channels === null);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    keep.mutate(wishesOf(new FormData(event.currentTarget), all));
  };
  return (
    <Dialog onClose={onClose} size="lg" title={curator?.name ?? t("curators.add")}>
      <form onSubmit={submit} className="dialog-form">
        <TextInput
          name="name"
          label={t("channel.name")}
          defaultValue={curator?.name}
          required
          data-autofocus
          error={wrong("name")}
        />
        <TextInput
          name="phone"
          type="tel"
          label={t("curators.phone")}
          description={t("curators.phone.hint")}
          defaultValue={curator?.phone}
          required
          error={wrong("phone")}
        />
        <fieldset>
          <legend>{t("curators.about")}</legend>
          {WANTS.map((want) => (
            <Checkbox
              key={want}
              name="wants"
              value={want}
              label={t(`curators.want.${want}`)}
              defaultChecked={curator === null || curator.wants.includes(want)}
            />
          ))}
        </fieldset>
        <Channels curator={curator} all={all} setAll={setAll} />
        <Select
          name="language"
          label={t("settings.language")}
          defaultValue={curator?.language ?? language}
          data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
          allowDeselect={false}
        />
        <div className="form-pair">
          <TextInput
            name="from"
            type="time"
            label={t("curators.quietFrom")}
            defaultValue={curator?.quiet_hours?.start.slice(0, 5)}
          />
          <TextInput
            name="until"
            type="time"
            label={t("curators.quietUntil")}
            defaultValue={curator?.quiet_hours?.until.slice(0, 5)}
          />
        </div>
        <Select
          name="zone"
          label={t("curators.zone")}
          defaultValue={curator?.time_zone ?? ownZone()}
          data={zones(curator?.time_zone)}
          searchable
          allowDeselect={false}
          limit={50}
        />
        <TextInput
          name="after"
          type="number"
          min={0}
          max={10_080}
          label={t("curators.afterMinutes")}
          description={t("curators.afterMinutes.hint")}
          defaultValue={curator?.after_minutes ?? 0}
          required
          error={wrong("after_minutes")}
        />
        <Textarea
          name="routes"
          label={t("curators.routes")}
          description={t("curators.routes.hint")}
          placeholder={curator?.routes.join("\n") || "mailto://..."}
          error={wrong("routes")}
        />
        <div className="dialog-buttons">
          <Button type="submit" loading={keep.isPending}>
            {t("save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Channels(props: {
  curator: Curator | null;
  all: boolean;
  setAll: (all: boolean) => void;
}) {
  const { t } = useWords();
  const { data: channels = [] } = useChannels();
  const { curator, all, setAll } = props;
  const there = channels.filter(({ status }) => status.code !== "DELETED");
  return (
    <fieldset>
      <legend>{t("nav.channels")}</legend>
      <Checkbox
        label={t("inbox.allChannels")}
        checked={all}
        onChange={({ currentTarget }) => setAll(currentTarget.checked)}
      />
      {!all &&
        there.map(({ id, name }) => (
          <Checkbox
            key={id}
            name="channels"
            value={id}
            label={name}
            defaultChecked={curator?.channels?.includes(id) ?? false}
          />
        ))}
    </fieldset>
  );
}

function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** All that the browser knows, and those that it must know without listing them. */
function zones(known: string | undefined): string[] {
  const must = [known ?? ownZone(), ownZone(), "UTC"];
  return [...new Set([...must, ...Intl.supportedValuesOf("timeZone")])];
}

/** Routes are secrets that the server does not show again: an empty field leaves them as they are. */
function wishesOf(form: FormData, all: boolean): Wishes {
  const text = (name: string) => `${form.get(name) ?? ""}`.trim();
  const routes = text("routes").split(/\s+/).filter(Boolean);
  const [start, until] = [text("from"), text("until")];
  return {
    name: text("name"),
    phone: text("phone").replace(/[\s()+-]/g, ""),
    wants: form.getAll("wants") as Want[],
    channels: all ? null : (form.getAll("channels") as string[]),
    language: text("language"),
    time_zone: text("zone"),
    after_minutes: Number(text("after")),
    quiet_hours: start === "" || until === "" ? null : { start, until },
    ...(routes.length > 0 ? { routes } : {}),
  };
}
