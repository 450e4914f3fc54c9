// The place to write. The server's policy rules it: blocked keeps the text, queueing says so, open sends.
import { ActionIcon, Button, CloseButton } from "@mantine/core";
import { IconPaperclip, IconSend2 } from "@tabler/icons-react";
import { useRef } from "react";
import type { Channel, Chat } from "../../api/client";
import { AskWho } from "../../app/AskWho";
import { useAccess } from "../../app/access";
import { useWords } from "../../i18n/words";
import { TemplatesButton } from "../templates/TemplatesButton";
import { EmojiButton } from "./EmojiButton";
import { Field, useWriting } from "./Field";
import { useFileDrop } from "./fileDrop";
import { PolicyNote } from "./PolicyNote";
import { Quoted } from "./Quote";
import { useQuoting } from "./quoting";
import { RecordButton, RecordingLine } from "./RecordButton";
import { canRecord } from "./record";
import { Staged } from "./Staged";
import { useComposer } from "./useComposer";
import { useRecorder } from "./useRecorder";

export function Composer({ chat, channel }: { chat: Chat; channel: Channel }) {
  const { t } = useWords();
  const { may, isWindow } = useAccess();
  const picker = useRef<HTMLInputElement>(null);
  const composer = useComposer(chat, channel);
  const writing = useWriting(chat, composer.text, composer.write);
  const isOver = useFileDrop(composer.stage);
  const recorder = useRecorder(composer.stage, composer.works);
  const isEmpty = composer.text === "" && composer.files.length === 0;
  if (!may("write", channel.id)) {
    return (
      <footer className="composer">
        <PolicyNote channel={channel} />
        <AskWho todo={t("composer.write")} />
      </footer>
    );
  }
  return (
    <footer
      className="composer"
      data-over={isOver}
      data-policy={channel.outgoing}
      data-empty={isEmpty || undefined}
    >
      <PolicyNote channel={channel} />
      {composer.warning !== null && (
        <div className="note tone-warn" role="alert">
          <div className="note-text">{t("composer.same", { count: composer.warning })}</div>
          <Button size="xs" variant="default" onClick={composer.sendAnyway}>
            {t("composer.sameAnyway")}
          </Button>
        </div>
      )}
      <Answered />
      <RecordingLine recorder={recorder} />
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
        <span className="composer-extras">
          <TemplatesButton onChoose={writing.insertTemplate} />
          <EmojiButton onChoose={writing.insert} />
        </span>
        <Field chat={chat} composer={composer} writing={writing} />
        {!isWindow && canRecord() && (
          <RecordButton recorder={recorder} isOff={channel.outgoing === "refuse"} />
        )}
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

/** Which message the next one answers. */
function Answered() {
  const { t } = useWords();
  const { quoted, quote } = useQuoting();
  if (quoted === null) return null;
  return (
    <div className="answered">
      <div className="quote">
        <Quoted message={quoted} />
      </div>
      <CloseButton aria-label={t("quote.drop")} onClick={() => quote(null)} />
    </div>
  );
}
