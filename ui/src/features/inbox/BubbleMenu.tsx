// What can still be done with a message of ours: copy it, take it out of the queue, unsay it.
import { ActionIcon, Menu } from "@mantine/core";
import { IconChevronDown, IconCopy, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { names } from "../../api/cache";
import { api, asked, type Message } from "../../api/client";
import { useAccess } from "../../app/access";
import { useComplaint } from "../../app/complaints";
import { useWords } from "../../i18n/words";

const UNSAYABLE = new Set(["queued", "sent", "delivered", "read"]);

export function BubbleMenu({ message }: { message: Message }) {
  const { t } = useWords();
  const { may } = useAccess();
  const cache = useQueryClient();
  const unsay = useMutation({
    mutationFn: () =>
      asked(
        api.DELETE("/api/v1/messages/{message_id}", {
          params: { path: { message_id: message.id } },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: names.messages(message.chat_id) }),
    onError: useComplaint(),
  });
  const mayUnsay =
    may("write", message.channel_id) &&
    message.deleted_at === null &&
    UNSAYABLE.has(message.status);
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          className="bubble-menu"
          aria-label={t("message.menu")}
        >
          <IconChevronDown size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {message.text !== null && (
          <Menu.Item
            leftSection={<IconCopy size={16} />}
            onClick={() => void navigator.clipboard.writeText(message.text ?? "")}
          >
            {t("message.copy")}
          </Menu.Item>
        )}
        {mayUnsay && (
          <Menu.Item leftSection={<IconTrash size={16} />} onClick={() => unsay.mutate()}>
            {message.status === "queued" ? t("queue.cancel") : t("message.unsay")}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
