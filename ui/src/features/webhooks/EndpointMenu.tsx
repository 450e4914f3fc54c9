// What is seldom done to an endpoint: test, change, pause, a new secret, delete.
import { ActionIcon, Menu, Modal } from "@mantine/core";
import {
  IconDotsVertical,
  IconKey,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconSend,
  IconTrash,
} from "@tabler/icons-react";
import { useState } from "react";
import { Confirm } from "../../app/Confirm";
import { useWords } from "../../i18n/words";
import { EndpointForm } from "./EndpointForm";
import { type Endpoint, isOurs, nameOf, usePausing, useRemove, useTest } from "./endpoints";
import { NewSecret } from "./NewSecret";
import { TestAnswer } from "./TestAnswer";

type Dialog = "edit" | "secret" | "remove" | null;

export function EndpointMenu({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useWords();
  const [dialog, setDialog] = useState<Dialog>(null);
  const pausing = usePausing();
  const test = useTest();
  const removing = useRemove();
  const close = () => setDialog(null);
  const { id } = endpoint;
  const name = nameOf(endpoint);
  const isPaused = endpoint.health === "paused";
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={40}
            aria-label={t("webhooks.menu", { name })}
          >
            <IconDotsVertical size={20} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconSend size={16} />} onClick={() => test.mutate(id)}>
            {t("webhooks.test")}
          </Menu.Item>
          {isOurs(endpoint) && (
            <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setDialog("edit")}>
              {t("channel.edit")}
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={isPaused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
            onClick={() => pausing.mutate({ id, on: !isPaused })}
          >
            {t(isPaused ? "webhooks.resume" : "webhooks.pause")}
          </Menu.Item>
          {isOurs(endpoint) && (
            <Menu.Item leftSection={<IconKey size={16} />} onClick={() => setDialog("secret")}>
              {t("webhooks.newSecret")}
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<IconTrash size={16} />}
            className="danger"
            onClick={() => setDialog("remove")}
          >
            {t("remove")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {test.data !== undefined && (
        <Modal
          opened
          centered
          onClose={test.reset}
          title={t("webhooks.test.title", { name })}
          closeButtonProps={{ "aria-label": t("close") }}
        >
          <TestAnswer tested={test.data} />
        </Modal>
      )}
      {dialog === "edit" && <EndpointForm endpoint={endpoint} onClose={close} />}
      {dialog === "secret" && <NewSecret endpoint={endpoint} onClose={close} />}
      {dialog === "remove" && (
        <Confirm
          title={t("webhooks.remove.title", { name })}
          text={t("webhooks.remove.text")}
          yes={t("remove")}
          onYes={() => removing.mutate(id, { onSettled: close })}
          onClose={close}
        />
      )}
    </>
  );
}
