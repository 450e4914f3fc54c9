// What waits to be sent, in its order; one or all of it can be taken out in any status.
import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { names } from "../../api/cache";
import { api, asked, type Channel, type Message } from "../../api/client";
import { useAccess } from "../../app/access";
import { Confirm } from "../../app/Confirm";
import { useComplaint } from "../../app/complaints";
import { useTimes } from "../../i18n/times";
import { useWords, type Words } from "../../i18n/words";
import { whatWaits } from "./ChannelMeta";

const SHOWN = 100;

export function Queue({ channel }: { channel: Channel }) {
  const { t } = useWords();
  const { moment } = useTimes();
  const { may } = useAccess();
  const [asking, setAsking] = useState(false);
  const { data: waiting = [] } = useQueue(channel.id);
  const cancel = useCancel(channel.id);
  if (waiting.length === 0) return null;
  return (
    <section className="card">
      <header className="card-head">
        <h2>{whatWaits(channel, t).join(", ")}</h2>
        {may("write", channel.id) && (
          <Button variant="default" size="sm" onClick={() => setAsking(true)}>
            {t("queue.cancelAll")}
          </Button>
        )}
      </header>
      <ol className="queue">
        {waiting.map((message) => (
          <li key={message.id}>
            <span className="hint">{moment(message.created_at)}</span>
            <span className="queue-text">{inWords(message, t)}</span>
            {may("write", channel.id) && (
              <button
                type="button"
                className="link"
                onClick={() => cancel.mutate({ ids: [message.id] })}
              >
                {t("queue.cancel")}
              </button>
            )}
          </li>
        ))}
      </ol>
      {asking && (
        <Confirm
          title={t("queue.cancelAll.title")}
          text={t("queue.cancelAll.text")}
          yes={t("queue.cancelAll")}
          onYes={() => cancel.mutate({ all: true }, { onSettled: () => setAsking(false) })}
          onClose={() => setAsking(false)}
        />
      )}
    </section>
  );
}

function inWords({ kind, text }: Message, t: Words["t"]): string {
  if (kind === "revoke") return t("queue.revoke");
  if (kind === "react") return text === null ? t("queue.unreact") : t("queue.react", { text });
  if (kind === "edit") return t("queue.edit", { text: text ?? "" });
  return text ?? t("message.file");
}

function useQueue(channel: string) {
  return useQuery({
    queryKey: names.queue(channel),
    queryFn: () =>
      asked(
        api.GET("/api/v1/channels/{channel_id}/queue/messages", {
          params: { path: { channel_id: channel }, query: { limit: SHOWN } },
        }),
      ),
  });
}

function useCancel(channel: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: { all?: boolean; ids?: string[] }) =>
      asked(
        api.POST("/api/v1/channels/{channel_id}/queue/cancel", {
          params: { path: { channel_id: channel } },
          body,
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: names.queue(channel) }),
    onError: useComplaint(),
  });
}
