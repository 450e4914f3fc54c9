// What is seldom done to a connection: change, pause, remove.
import { Menu } from "@mantine/core";
import { IconPencil, IconPlayerPause, IconPlayerPlay, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { Confirm } from "../../app/Confirm";
import { MoreMenu } from "../../app/MoreMenu";
import { useWords } from "../../i18n/words";
import { type Connection, useDisconnect, useSwitch } from "./connections";

type Dialog = "pause" | "remove" | null;

interface Props {
  readonly connection: Connection;
  /** Not there where this server has lost the connector, and so the form. */
  readonly onEdit: (() => void) | undefined;
}

export function ConnectionMenu({ connection, onEdit }: Props) {
  const { t } = useWords();
  const [dialog, setDialog] = useState<Dialog>(null);
  const switching = useSwitch();
  const removing = useDisconnect();
  const close = () => setDialog(null);
  const { id, name, enabled } = connection;
  return (
    <>
      <MoreMenu name={name}>
        {onEdit !== undefined && (
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={onEdit}>
            {t("channel.edit")}
          </Menu.Item>
        )}
        {enabled ? (
          <Menu.Item leftSection={<IconPlayerPause size={16} />} onClick={() => setDialog("pause")}>
            {t("connections.pause")}
          </Menu.Item>
        ) : (
          <Menu.Item
            leftSection={<IconPlayerPlay size={16} />}
            onClick={() => switching.mutate({ id, enabled: true })}
          >
            {t("connections.resume")}
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<IconTrash size={16} />}
          className="danger"
          onClick={() => setDialog("remove")}
        >
          {t("remove")}
        </Menu.Item>
      </MoreMenu>
      {dialog === "pause" && (
        <Confirm
          title={t("connections.pause.title", { name })}
          text={t("connections.pause.text")}
          yes={t("connections.pause")}
          onYes={() => switching.mutate({ id, enabled: false }, { onSettled: close })}
          onClose={close}
        />
      )}
      {dialog === "remove" && (
        <Confirm
          title={t("webhooks.remove.title", { name })}
          text={t("connections.remove.text")}
          yes={t("remove")}
          onYes={() => removing.mutate(id, { onSettled: close })}
          onClose={close}
        />
      )}
    </>
  );
}
