// What is seldom done to an endpoint: test, change, pause, a new secret, delete.
import { Menu } from "@mantine/core";
import {
  IconKey,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconSend,
  IconTrash,
} from "@tabler/icons-react";
import { useState } from "react";
import { Confirm } from "../../app/Confirm";
import { Dialog } from "../../app/Dialog";
import { MoreMenu } from "../../app/MoreMenu";
import { useWords } from "../../i18n/words";
import { EndpointForm } from "./EndpointForm";
import { type Endpoint, isOurs, nameOf, usePausing, useRemove, useTest } from "./endpoints";
import { NewSecret } from "./NewSecret";
import { TestAnswer } from "./TestAnswer";

type Asking = "edit" | "secret" | "remove" | null;

export function EndpointMenu({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useWords();
  const [dialog, setDialog] = useState<Asking>(null);
  const pausing = usePausing();
  const test = useTest();
  const removing = useRemove();
  const close = () => setDialog(null);
  const { id } = endpoint;
  const name = nameOf(endpoint);
  const isPaused = endpoint.health === "paused";
  return (
    <>
      <MoreMenu name={name}>
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
      </MoreMenu>
      {test.data !== undefined && (
        <Dialog onClose={test.reset} title={t("webhooks.test.title", { name })}>
          <TestAnswer tested={test.data} />
        </Dialog>
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
