// What a status means, what to do and what becomes of messages, with the one button that helps.
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import type { Channel } from "../api/client";
import { useWords } from "../i18n/words";
import { lookOf } from "./look";
import { StatusAction } from "./StatusAction";

interface Props {
  readonly channel: Channel;
  /** What becomes of messages. */
  readonly children?: ReactNode;
  /** Two lines that can be opened, for places where room is short. */
  readonly folds?: boolean;
}

export function StatusNote({ channel, children, folds = false }: Props) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const { tone, icon: Sign } = lookOf(channel.status.code);
  const { title, meaning, todo, reason_text } = channel.status;
  const folded = folds && !open;
  return (
    <section
      className={`note status-note tone-${tone}`}
      aria-live="polite"
      data-testid="status-note"
    >
      <Sign size={20} aria-hidden className="note-sign" />
      <div className="note-text">
        <div className={folded ? "note-words folded" : "note-words"}>
          <strong>{title}.</strong> {children} {reason_text}
          {!folded && (
            <p>
              {meaning} {todo}
            </p>
          )}
        </div>
        {folds && (
          <button type="button" className="link" onClick={() => setOpen(!open)}>
            {open ? t("note.less") : t("note.more")}
            {open ? (
              <IconChevronUp size={14} aria-hidden />
            ) : (
              <IconChevronDown size={14} aria-hidden />
            )}
          </button>
        )}
      </div>
      <StatusAction channel={channel} />
    </section>
  );
}
