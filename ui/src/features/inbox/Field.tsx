// The field of the composer: Enter sends, `/` offers templates, and what is chosen beside it lands at the cursor.
import { Textarea } from "@mantine/core";
import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from "react";
import type { Chat } from "../../api/client";
import { useWords } from "../../i18n/words";
import { optionId, SLASH_LIST, SlashList } from "../templates/SlashList";
import { filled, type Template } from "../templates/templates";
import { useSlash } from "../templates/useSlash";
import { nameOf } from "./DialogRow";
import { inserted } from "./insert";
import type { useComposer } from "./useComposer";

export interface Writing {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  /** Puts a text where the cursor is, and lets the person write on. */
  insert(what: string): void;
  insertTemplate(template: Template): void;
}

export function useWriting(chat: Chat, text: string, write: (text: string) => void): Writing {
  const field = useRef<HTMLTextAreaElement>(null);
  const [caret, setCaret] = useState<number | null>(null);
  useEffect(() => {
    if (caret === null) return;
    setCaret(null);
    field.current?.focus();
    field.current?.setSelectionRange(caret, caret);
  }, [caret]);
  const put = (what: string, from: number, to: number) => {
    const next = inserted(text, what, from, to);
    write(next.text);
    setCaret(next.caret);
  };
  const insert = (what: string) => {
    const { selectionStart: from, selectionEnd: to } = field.current ?? {
      selectionStart: text.length,
      selectionEnd: text.length,
    };
    put(what, from, to);
  };
  const insertTemplate = (template: Template) => {
    const words = filled(template.text, chat.name);
    if (text.startsWith("/")) put(words, 0, text.length);
    else insert(words);
  };
  return { field, insert, insertTemplate };
}

interface Props {
  readonly chat: Chat;
  readonly composer: ReturnType<typeof useComposer>;
  readonly writing: Writing;
}

export function Field({ chat, composer, writing }: Props) {
  const { t } = useWords();
  const slash = useSlash(composer.text, writing.insertTemplate);
  const isOffering = slash.found.length > 0;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || slash.press(event)) return;
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    composer.send();
  };
  return (
    <div className="composer-text">
      <SlashList slash={slash} />
      <Textarea
        ref={writing.field}
        aria-label={t("composer.to", { name: nameOf(chat) })}
        aria-autocomplete="list"
        aria-controls={isOffering ? SLASH_LIST : undefined}
        aria-activedescendant={isOffering ? optionId(slash.active) : undefined}
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
    </div>
  );
}
