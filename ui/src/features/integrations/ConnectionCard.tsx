// One connection with the clarity of a channel: how it is, what that means, what to do, and since when.
import { Button } from "@mantine/core";
import { IconPencil, IconPlugConnected } from "@tabler/icons-react";
import { useState } from "react";
import { useChannels } from "../../api/queries";
import { CopyButton } from "../../app/CopyButton";
import { useTimes } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { Badge } from "../../status/Badge";
import { ConnectionMenu } from "./ConnectionMenu";
import { type Connection, type Crm, useSwitch, useTry } from "./connections";
import { EditConnection } from "./EditConnection";
import { Findings } from "./Findings";
import { lookOf } from "./look";

interface Props {
  readonly connection: Connection;
  /** Unknown where this server has lost a connector. */
  readonly crm: Crm | undefined;
}

export function ConnectionCard({ connection, crm }: Props) {
  const { status } = connection;
  const { tone, icon } = lookOf(status.state);
  const [editing, setEditing] = useState(false);
  const edit = () => setEditing(true);
  return (
    <article className="card connection" data-connection={connection.id}>
      <header className="card-head">
        <div className="connection-who">
          <h2>{connection.name}</h2>
          <p className="hint">{crm?.title ?? connection.kind}</p>
        </div>
        <ConnectionMenu connection={connection} onEdit={crm && edit} />
      </header>
      <Badge tone={tone} icon={icon} text={status.title} code={status.state} />
      <p>
        {status.meaning} {status.state === "working" ? null : status.todo}
      </p>
      <LastError connection={connection} />
      <Facts connection={connection} />
      <Doing connection={connection} onEdit={edit} />
      {editing && crm !== undefined && (
        <EditConnection connection={connection} crm={crm} onClose={() => setEditing(false)} />
      )}
    </article>
  );
}

function LastError({ connection }: { connection: Connection }) {
  const { t } = useWords();
  const { second } = useTimes();
  const { error, problem, error_at: at, state } = connection.status;
  if (error === null && problem === null) return null;
  const tone = state === "working" || state === "off" ? "off" : lookOf(state).tone;
  return (
    <div className={`connection-error tone-${tone}`}>
      <strong>
        {at === null ? t("connections.error") : t("connections.errorAt", { at: second(at) })}
      </strong>
      {problem !== null && <span>{problem}</span>}
      {error !== null && <span className={problem === null ? undefined : "hint"}>{error}</span>}
    </div>
  );
}

function Facts({ connection }: { connection: Connection }) {
  const { t, language } = useWords();
  const { moment, second } = useTimes();
  const { data: channels = [] } = useChannels();
  const { since, next_try_at: next, waiting } = connection.status;
  const list = new Intl.ListFormat(language, { type: "conjunction" });
  const served = channels.filter(({ id }) => connection.channels.includes(id));
  return (
    <ul className="meta">
      <li>{t("channel.since", { at: moment(since) })}</li>
      {next !== null && <li>{t("webhooks.nextTry", { at: second(next) })}</li>}
      {waiting > 0 && (
        <li>
          <strong>{t("connections.waiting", { count: waiting })}</strong>
        </li>
      )}
      <li>
        {t("nav.channels")}: {list.format(served.map(({ name }) => name))}
      </li>
    </ul>
  );
}

function Doing({ connection, onEdit }: { connection: Connection; onEdit: () => void }) {
  const { t } = useWords();
  const trying = useTry();
  const switching = useSwitch();
  const { id, enabled, status, hook_url: address } = connection;
  const edits = lookOf(status.state).helps === "edit";
  return (
    <>
      <footer className="buttons">
        {!enabled && (
          <Button
            loading={switching.isPending}
            onClick={() => switching.mutate({ id, enabled: true })}
          >
            {t("connections.resume")}
          </Button>
        )}
        {enabled && edits && (
          <Button leftSection={<IconPencil size={18} aria-hidden />} onClick={onEdit}>
            {t("channel.edit")}
          </Button>
        )}
        {enabled && (
          <Button
            variant="default"
            leftSection={<IconPlugConnected size={18} aria-hidden />}
            loading={trying.isPending}
            onClick={() => trying.mutate(id)}
          >
            {t("connections.test")}
          </Button>
        )}
        {address !== "" && (
          <CopyButton text={address} what={t("connections.copyAddress")} variant="default" />
        )}
      </footer>
      {trying.data !== undefined && <Findings findings={trying.data} />}
    </>
  );
}
