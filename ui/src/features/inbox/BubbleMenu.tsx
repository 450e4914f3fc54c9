// What can be done with a message: react, answer it, copy it; with one of ours also edit or unsay it.
import { ActionIcon, Menu } from "@mantine/core";
import {
  IconArrowBackUp,
  IconChevronDown,
  IconCopy,
  IconPencil,
  IconTrash,
} from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { names } from "../../api/cache";
import { api, asked, type Message } from "../../api/client";
import { useAccess } from "../../app/access";
import { copyText } from "../../app/CopyButton";
import { useComplaint } from "../../app/complaints";
import { Dialog } from "../../app/Dialog";
import { useWords } from "../../i18n/words";
import { EditMessage } from "./EditMessage";
import { Emojis } from "./Emojis";
import { useQuoting } from "./quoting";
import { ReactItems } from "./ReactItems";
import { canReact } from "./reactions";
import { useReact } from "./useReact";

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
  const { quote } = useQuoting();
  const react = useReact(message);
  const [editing, setEditing] = useState(false);
  const [choosing, setChoosing] = useState(false);
  const mayWrite = may("write", message.channel_id) && message.deleted_at === null;
  const mayUnsay = mayWrite && message.direction === "outgoing" && UNSAYABLE.has(message.status);
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
        {mayWrite && canReact(message) && (
          <ReactItems
            message={message}
            onChoose={(emoji) => react.mutate(emoji)}
            onOther={() => setChoosing(true)}
          />
        )}
        {mayWrite && (
          <Menu.Item leftSection={<IconArrowBackUp size={16} />} onClick={() => quote(message)}>
            {t("message.reply")}
          </Menu.Item>
        )}
        {message.text !== null && (
          <Menu.Item
            leftSection={<IconCopy size={16} />}
            onClick={() => void copyText(message.text ?? "")}
          >
            {t("message.copy")}
          </Menu.Item>
        )}
        {mayUnsay && message.text !== null && (
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setEditing(true)}>
            {t("message.edit")}
          </Menu.Item>
        )}
        {mayUnsay && (
          <Menu.Item leftSection={<IconTrash size={16} />} onClick={() => unsay.mutate()}>
            {message.status === "queued" ? t("queue.cancel") : t("message.unsay")}
          </Menu.Item>
        )}
      </Menu.Dropdown>
      {editing && <EditMessage message={message} onClose={() => setEditing(false)} />}
      {choosing && (
        <Dialog title={t("reaction.other")} size="auto" onClose={() => setChoosing(false)}>
          <Emojis
            name={t("reaction.other")}
            onChoose={(emoji) => {
              setChoosing(false);
              react.mutate(emoji);
            }}
          />
        </Dialog>
      )}
    </Menu>
  );
}
