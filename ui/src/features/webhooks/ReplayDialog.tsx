// Tells a stretch of time again, or all that was given up.
import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Dialog } from "../../app/Dialog";
import { useWords } from "../../i18n/words";
import { type Endpoint, nameOf } from "./endpoints";
import { useTellAgain } from "./tellAgain";

const HOUR_MS = 3_600_000;

export function ReplayDialog({ endpoint, onClose }: { endpoint: Endpoint; onClose: () => void }) {
  const { t } = useWords();
  const again = useTellAgain(endpoint.id);
  const [now] = useState(() => Date.now());
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const moment = (field: string) => new Date(`${form.get(field)}`).toISOString();
    again.mutate({ since: moment("since"), until: moment("until") }, onClose);
  };
  return (
    <Dialog onClose={onClose} title={t("webhooks.replay.title", { name: nameOf(endpoint) })}>
      <form onSubmit={submit} className="dialog-form">
        <p>{t("webhooks.replay.hint")}</p>
        <div className="replay-window">
          <TextInput
            name="since"
            type="datetime-local"
            label={t("webhooks.since")}
            defaultValue={written(now - HOUR_MS)}
            required
            data-autofocus
          />
          <TextInput
            name="until"
            type="datetime-local"
            label={t("webhooks.until")}
            defaultValue={written(now + HOUR_MS / 60)}
            required
          />
        </div>
        <div className="dialog-buttons">
          {endpoint.dead_letters > 0 && (
            <Button variant="default" onClick={() => again.mutate({ dead_letters: true }, onClose)}>
              {t("webhooks.tellGivenUp", { count: endpoint.dead_letters })}
            </Button>
          )}
          <Button type="submit" loading={again.isPending}>
            {t("webhooks.tellAgain")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** As the field wants it: the reader's own time, without a zone. */
function written(at: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}
