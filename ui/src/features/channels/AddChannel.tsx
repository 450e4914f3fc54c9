// A new number: its name and phone, and then at once the code to scan.
import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { names } from "../../api/cache";
import { api, asked, type Channel } from "../../api/client";
import { Dialog } from "../../app/Dialog";
import { useFieldErrors } from "../../app/fieldErrors";
import { useWords } from "../../i18n/words";

interface Props {
  readonly onClose: () => void;
  readonly onAdded: (channel: Channel) => void;
}

export function AddChannel({ onClose, onAdded }: Props) {
  const { t } = useWords();
  const cache = useQueryClient();
  const add = useMutation({
    mutationFn: (body: { name: string; phone: string }) =>
      asked(api.POST("/api/v1/channels", { body })),
    onSuccess: (channel) => {
      cache.setQueryData<Channel[]>(names.channels, (all) => [...(all ?? []), channel]);
      onClose();
      onAdded(channel);
    },
  });
  const wrong = useFieldErrors(add.error, ["name", "phone"]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const phone = `${form.get("phone")}`.replace(/[\s()+-]/g, "");
    add.mutate({ name: `${form.get("name")}`, phone });
  };
  return (
    <Dialog onClose={onClose} title={t("channels.add")}>
      <form onSubmit={submit} className="dialog-form">
        <TextInput
          name="name"
          label={t("channel.name")}
          placeholder={t("channel.name.example")}
          required
          maxLength={100}
          data-autofocus
          error={wrong("name")}
        />
        <TextInput
          name="phone"
          type="tel"
          label={t("channel.phone")}
          placeholder="+7 999 000-00-00"
          description={t("channel.phone.hint")}
          required
          error={wrong("phone")}
        />
        <div className="dialog-buttons">
          <Button type="submit" loading={add.isPending}>
            {t("channels.addAndScan")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
