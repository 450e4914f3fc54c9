// Writes to somebody who is in no chat yet: from which number, to whom, and what.
import { Button, Select, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef } from "react";
import { useLocation } from "wouter";
import { names } from "../../api/cache";
import { api, asked, type Channel } from "../../api/client";
import { useAccess } from "../../app/access";
import { Dialog } from "../../app/Dialog";
import { useFieldErrors } from "../../app/fieldErrors";
import { newId } from "../../app/newId";
import { useWords } from "../../i18n/words";

interface Props {
  readonly channels: readonly Channel[];
  /** What was searched for in vain: often the very number. */
  readonly phone: string;
  readonly onClose: () => void;
}

export default function NewChat({ channels, phone, onClose }: Props) {
  const { t } = useWords();
  const send = useFirstMessage(onClose);
  const wrong = useFieldErrors(send.error, ["channel_id", "chat_id", "text"]);
  const [only] = channels;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    send.mutate({
      channel_id: `${form.get("channel")}`,
      chat_id: `${form.get("phone")}`,
      text: `${form.get("text")}`,
    });
  };
  return (
    <Dialog onClose={onClose} title={t("inbox.new")}>
      <form onSubmit={submit} className="dialog-form">
        <Select
          name="channel"
          label={t("inbox.channel")}
          data={channels.map(({ id, name }) => ({ value: id, label: name }))}
          defaultValue={only?.id ?? null}
          allowDeselect={false}
          error={wrong("channel_id")}
        />
        <TextInput
          name="phone"
          type="tel"
          label={t("channel.phone")}
          placeholder="+7 999 000-00-00"
          defaultValue={phone}
          required
          data-autofocus
          error={wrong("chat_id")}
        />
        <Textarea
          name="text"
          label={t("inbox.new.text")}
          autosize
          minRows={2}
          maxRows={8}
          required
          error={wrong("text")}
        />
        <div className="dialog-buttons">
          <Button type="submit" loading={send.isPending}>
            {t("composer.send")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function useFirstMessage(onSent: () => void) {
  const cache = useQueryClient();
  const [, go] = useLocation();
  const { session } = useAccess();
  const ref = useRef(newId()); // A second press after a lost answer sends nothing twice.
  return useMutation({
    mutationFn: (body: { channel_id: string; chat_id: string; text: string }) =>
      asked(
        api.POST("/api/v1/messages", {
          body: { ...body, client_ref: ref.current, author: session.name },
        }),
      ),
    onSuccess: ({ chat_id }) => {
      void cache.invalidateQueries({ queryKey: ["chats"] });
      void cache.invalidateQueries({ queryKey: names.chatCount });
      onSent();
      go(`/inbox/${chat_id}`);
    },
  });
}
