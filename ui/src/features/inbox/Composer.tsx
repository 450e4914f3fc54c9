// The place to write. The server's policy rules it: blocked keeps the text, queueing says so, open sends.
import { ActionIcon, Button, Textarea } from "@mantine/core";
import { IconPaperclip, IconSend2 } from "@tabler/icons-react";
import { type KeyboardEvent, useRef } from "react";
import type { Channel, Chat } from "../../api/client";
import { AskWho } from "../../app/AskWho";
import { useAccess } from "../../app/access";
import { useWords } from "../../i18n/words";
import { nameOf } from "./DialogRow";
import { useFileDrop } from "./fileDrop";
import { PolicyNote } from "./PolicyNote";
import { Staged } from "./Staged";
import { useComposer } from "./useComposer";

export function Composer({ chat, channel }: { chat: Chat; channel: Channel }) {
  const { t } = useWords();
  const { may, isWindow } = useAccess();
  const picker = useRef<HTMLInputElement>(null);
  const composer = useComposer(chat, channel);
  const isOver = useFileDrop(composer.stage);
  if (!may("write", channel.id)) {
    return (
      <footer className="composer">
        <PolicyNote channel={channel} />
        <AskWho todo={t("composer.write")} />
      </footer>
    );
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    composer.send();
  };
  return (
    <footer className="composer" data-over={isOver} data-policy={channel.outgoing}>
      <PolicyNote channel={channel} />
      {composer.warning !== null && (
        <div className="note tone-warn" role="alert">
          <div className="note-text">{t("composer.same", { count: composer.warning })}</div>
          <Button size="xs" variant="default" onClick={composer.sendAnyway}>
            {t("composer.sameAnyway")}
          </Button>
        </div>
      )}
      <Staged files={composer.files} onRemove={composer.unstage} />
      <div className="composer-line">
        {!isWindow && (
          <ActionIcon
            variant="subtle"
            color="gray"
            size={42}
            aria-label={t("composer.attach")}
            onClick={() => picker.current?.click()}
          >
            <IconPaperclip size={22} aria-hidden />
          </ActionIcon>
        )}
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          aria-label={t("composer.attach")}
          onChange={({ currentTarget }) => {
            composer.stage([...(currentTarget.files ?? [])]);
            currentTarget.value = "";
          }}
        />
        <Textarea
          className="composer-text"
          aria-label={t("composer.to", { name: nameOf(chat) })}
          placeholder={t("composer.placeholder")}
          value={composer.text}
          onChange={({ currentTarget }) => composer.write(currentTarget.value)}
          onKeyDown={onKeyDown}
          onPaste={({ clipboardData }) => composer.stage([...clipboardData.files])}
          autosize
          minRows={1}
          maxRows={8}
          size="md"
          autoFocus={window.matchMedia("(min-width: 721px)").matches}
        />
        <Button
          className="composer-send"
          size="md"
          onClick={composer.send}
          disabled={!composer.canSend}
          variant={channel.status.action === null ? "filled" : "default"}
          leftSection={<IconSend2 size={20} aria-hidden />}
        >
          <span>{t("composer.send")}</span>
        </Button>
      </div>
    </footer>
  );
}
