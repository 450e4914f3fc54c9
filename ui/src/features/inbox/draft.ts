// What was written and not sent yet. It survives another chat, a reload, a restart and a declined message.

import { useCallback, useEffect, useState } from "react";
import { newId } from "../../app/newId";

export interface Draft {
  readonly text: string;
  /** Under which the text goes out: the same one as long as it is the same text (law M6). */
  readonly ref: string;
}

const keyOf = (chat: string) => `houston-draft-${chat}`;
const NOTHING: Draft = { text: "", ref: "" };

export function readDraft(chat: string): Draft {
  try {
    const kept = JSON.parse(localStorage.getItem(keyOf(chat)) ?? "null") as Draft | null;
    return kept ?? NOTHING;
  } catch {
    return NOTHING; // Somebody else's words under our key.
  }
}

export function keepDraft(chat: string, draft: Draft): void {
  if (draft.text === "") localStorage.removeItem(keyOf(chat));
  else localStorage.setItem(keyOf(chat), JSON.stringify(draft));
}

export function useDraft(chat: string) {
  const [draft, setDraft] = useState(() => readDraft(chat));
  const keep = useCallback(
    (next: Draft) => {
      keepDraft(chat, next);
      setDraft(next);
    },
    [chat],
  );
  useEffect(() => {
    const hear = (event: StorageEvent) => event.key === keyOf(chat) && setDraft(readDraft(chat));
    window.addEventListener("storage", hear); // Written in another tab.
    return () => window.removeEventListener("storage", hear);
  }, [chat]);
  const write = useCallback(
    (text: string) => keep(text === "" ? NOTHING : { text, ref: newId() }),
    [keep],
  );
  return { draft, write, keep };
}
