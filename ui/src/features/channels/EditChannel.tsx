// What of a channel can be chosen: its name, and how fast a waiting queue goes out.
import { TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { names } from "../../api/cache";
import { api, asked, type Channel } from "../../api/client";
import { Dialog } from "../../app/Dialog";
import { useFieldErrors } from "../../app/fieldErrors";
import { SaveButtons } from "../../app/SaveButtons";
import { useWords } from "../../i18n/words";
import { StatusNote } from "../../status/StatusNote";

export function EditChannel({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  const { t } = useWords();
  const cache = useQueryClient();
  const change = useMutation({
    mutationFn: (body: { name: string; pacing_per_minute: number | null }) =>
      asked(
        api.PATCH("/api/v1/channels/{channel_id}", {
          params: { path: { channel_id: channel.id } },
          body,
        }),
      ),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: names.channels });
      onClose();
    },
  });
  const wrong = useFieldErrors(change.error, ["name", "pacing_per_minute"]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const pacing = `${form.get("pacing")}`;
    change.mutate({
      name: `${form.get("name")}`,
      pacing_per_minute: pacing === "" ? null : Number(pacing),
    });
  };
  return (
    <Dialog onClose={onClose} size="lg" title={t("channel.edit.title", { name: channel.name })}>
      <form onSubmit={submit} className="dialog-form">
        {channel.status.code === "DISABLED" && <StatusNote channel={channel} />}
        <TextInput
          name="name"
          label={t("channel.name")}
          defaultValue={channel.name}
          required
          maxLength={100}
          data-autofocus
          error={wrong("name")}
        />
        <TextInput
          name="pacing"
          type="number"
          min={1}
          max={10_000}
          label={t("channel.pacing.label")}
          description={t("channel.pacing.hint")}
          defaultValue={channel.pacing.per_minute ?? ""}
          error={wrong("pacing_per_minute")}
        />
        <SaveButtons onClose={onClose} isSaving={change.isPending} />
      </form>
    </Dialog>
  );
}
