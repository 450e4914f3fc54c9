// What is seldom done to a channel: rename and pace, disable, delete.
import { Menu } from "@mantine/core";
import { IconPencil, IconPower, IconRefresh, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { names } from "../../api/cache";
import { api, asked, type Channel } from "../../api/client";
import { useAccess } from "../../app/access";
import { Confirm } from "../../app/Confirm";
import { useComplaint } from "../../app/complaints";
import { MoreMenu } from "../../app/MoreMenu";
import { useWords } from "../../i18n/words";
import { useCommand } from "../../status/StatusAction";
import { EditChannel } from "./EditChannel";

type Dialog = "edit" | "disable" | "delete" | null;

export function ChannelMenu({ channel }: { channel: Channel }) {
  const { t } = useWords();
  const { may } = useAccess();
  const [dialog, setDialog] = useState<Dialog>(null);
  const command = useCommand(channel);
  const remove = useRemove(channel);
  const close = () => setDialog(null);
  const { code } = channel.status;
  if (!may("steer", channel.id) || code === "DELETED") return null;
  return (
    <>
      <MoreMenu name={channel.name}>
        {may("set_up") && (
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setDialog("edit")}>
            {t("channel.edit")}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconRefresh size={16} />} onClick={() => command.mutate("check")}>
          {t("channel.check")}
        </Menu.Item>
        {code !== "DISABLED" && (
          <Menu.Item leftSection={<IconPower size={16} />} onClick={() => setDialog("disable")}>
            {t("channel.disable")}
          </Menu.Item>
        )}
        {may("set_up") && (
          <Menu.Item
            leftSection={<IconTrash size={16} />}
            className="danger"
            onClick={() => setDialog("delete")}
          >
            {t("channel.delete")}
          </Menu.Item>
        )}
      </MoreMenu>
      {dialog === "edit" && <EditChannel channel={channel} onClose={close} />}
      {dialog === "disable" && (
        <Confirm
          title={t("channel.disable.title", { name: channel.name })}
          text={t("channel.disable.text")}
          yes={t("channel.disable")}
          onYes={() => command.mutate("disable", { onSettled: close })}
          onClose={close}
        />
      )}
      {dialog === "delete" && (
        <Confirm
          title={t("channel.delete.title", { name: channel.name })}
          text={t("channel.delete.text")}
          yes={t("channel.delete")}
          onYes={() => remove.mutate(undefined, { onSettled: close })}
          onClose={close}
        />
      )}
    </>
  );
}

function useRemove(channel: Channel) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () =>
      asked(
        api.DELETE("/api/v1/channels/{channel_id}", {
          params: { path: { channel_id: channel.id } },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: names.channels }),
    onError: useComplaint(),
  });
}
