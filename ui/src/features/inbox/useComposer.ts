// What pressing Enter does: nothing, a warning, or one message after another.

import { useState } from "react";
import { api, asked, type Channel, type Chat, type Message } from "../../api/client";
import { useComplaint, usePraise } from "../../app/complaints";
import { newId } from "../../app/newId";
import { useWords } from "../../i18n/words";
import { type Draft, useDraft } from "./draft";
import { FILE_BYTES_MAX, store } from "./files";
import { usePending } from "./pending";
import { useQuoting } from "./quoting";
import { useSend } from "./sending";
import { useTeller } from "./teller";

const NONE_SHOWN: readonly Message[] = [];

export function useComposer(chat: Chat, channel: Channel) {
  const { t } = useWords();
  const complain = useComplaint();
  const tell = usePraise();
  const { draft, write, keep } = useDraft(chat.id);
  const [files, setFiles] = useState<readonly File[]>([]);
  const [warning, setWarning] = useState<number | null>(null);
  const [isUploading, setUploading] = useState(false);
  const posting = useSend(chat);
  const teller = useTeller(chat.id);
  const pending = usePending(chat.id, NONE_SHOWN);
  const text = draft.text.trim();
  const isBlocked = channel.outgoing === "refuse";
  const canSend = !isBlocked && !isUploading && (text !== "" || files.length > 0);

  const { quoted, quote } = useQuoting();
  const post = (said: { ref: string; text: string | null; uri: string | null }) => {
    quote(null);
    return posting.mutateAsync({
      ...said,
      quoted: quoted?.id ?? null,
      at: new Date().toISOString(),
    });
  };

  /** The text leaves the field at once, and comes back if the server does not take it. */
  const sendText = async (sent: Draft) => {
    if (text === "") return;
    keep({ text: "", ref: "" });
    await post({ ref: sent.ref, text, uri: null }).catch(() => {
      keep(sent);
      quote(quoted);
    });
  };
  const sendFiles = async () => {
    setUploading(true);
    try {
      for (const file of files) {
        await post({ ref: newId(), text: null, uri: await store(file) });
        setFiles((all) => all.filter((one) => one !== file));
      }
    } finally {
      setUploading(false);
    }
  };
  const sendAnyway = async () => {
    setWarning(null);
    teller.stop();
    const sent = draft;
    try {
      if (files.length > 0) await sendFiles();
      await sendText(sent);
    } catch (error) {
      if (files.length > 0) complain(error);
    }
  };
  const send = async () => {
    if (!canSend) return;
    const onTheWay = pending.filter((one) => one.text === text).length; // Not stored yet.
    const isHeld = channel.outgoing === "hold" && text !== "";
    const same = isHeld ? Math.max(onTheWay, await sameWaiting(chat, text)) : 0;
    if (same > 0) setWarning(same);
    else await sendAnyway();
  };
  const stage = (added: readonly File[]) => {
    const fitting = added.filter((file) => file.size <= FILE_BYTES_MAX);
    if (fitting.length < added.length) tell(t("composer.tooLarge"));
    setFiles((all) => [...all, ...fitting]);
    if (fitting.length > 0) teller.works();
  };
  return {
    text: draft.text,
    files,
    warning,
    canSend,
    write: (next: string) => {
      setWarning(null);
      write(next);
      if (next === "") teller.stop();
      else teller.works();
    },
    send: () => void send(),
    sendAnyway: () => void sendAnyway(),
    stage,
    works: teller.works,
    unstage: (file: File) => setFiles((all) => all.filter((one) => one !== file)),
  };
}

/** How many messages with the same words still wait. Unknown counts as none: a warning must not block. */
async function sameWaiting(chat: Chat, text: string): Promise<number> {
  const body = { channel_id: chat.channel_id, chat_id: chat.id, text };
  const preview = await asked(api.POST("/api/v1/messages/preview", { body })).catch(() => null);
  return preview?.same_text_waiting ?? 0;
}
