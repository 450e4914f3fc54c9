// Other words for a message of ours: at once while it waits, afterwards as WhatsApp allows.
import { Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { names } from "../../api/cache";
import { api, asked, type Message } from "../../api/client";
import { Dialog } from "../../app/Dialog";
import { useFieldErrors } from "../../app/fieldErrors";
import { SaveButtons } from "../../app/SaveButtons";
import { useWords } from "../../i18n/words";

export function EditMessage({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t } = useWords();
  const cache = useQueryClient();
  const change = useMutation({
    mutationFn: (text: string) =>
      asked(
        api.PATCH("/api/v1/messages/{message_id}", {
          params: { path: { message_id: message.id } },
          body: { text },
        }),
      ),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: names.messages(message.chat_id) });
      onClose();
    },
  });
  const wrong = useFieldErrors(change.error, ["text"]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    change.mutate(`${new FormData(event.currentTarget).get("text")}`.trim());
  };
  return (
    <Dialog title={t("message.edit")} onClose={onClose}>
      <form onSubmit={submit} className="dialog-form">
        <Textarea
          name="text"
          aria-label={t("message.edit")}
          defaultValue={message.text ?? ""}
          required
          autosize
          minRows={2}
          maxRows={12}
          maxLength={10_000}
          data-autofocus
          error={wrong("text")}
        />
        <SaveButtons onClose={onClose} isSaving={change.isPending} />
      </form>
    </Dialog>
  );
}
