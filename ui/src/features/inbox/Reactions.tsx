// The emojis on a message: whose they are, what still waits, and a press for the same one of ours.
import { IconAlertTriangle, IconClock } from "@tabler/icons-react";
import type { Message } from "../../api/client";
import { useAccess } from "../../app/access";
import { phoneText } from "../../i18n/times";
import { useWords, type Words } from "../../i18n/words";
import { type Chip, canReact, chipsOf } from "./reactions";
import { useReact } from "./useReact";

export default function Reactions({ message }: { message: Message }) {
  const words = useWords();
  const { may } = useAccess();
  const react = useReact(message);
  const mayReact = may("write", message.channel_id) && canReact(message);
  return (
    <ul className="reactions" aria-label={words.t("reaction.list")}>
      {chipsOf(message, phoneText).map((chip) => (
        <li key={chip.emoji}>
          <button
            type="button"
            className="reaction"
            data-waits={chip.waits ?? undefined}
            data-failed={chip.fault !== null || undefined}
            aria-pressed={chip.isOurs}
            title={said(chip, words)}
            disabled={!mayReact}
            onClick={() => react.isPending || react.mutate(chip.emoji)}
          >
            <span aria-hidden>{chip.emoji}</span>
            {chip.names.length > 1 && <small aria-hidden>{chip.names.length}</small>}
            <span className="unseen">{said(chip, words)}</span>
            {chip.waits !== null && <IconClock size={13} aria-hidden />}
            {chip.fault !== null && <IconAlertTriangle size={13} aria-hidden />}
          </button>
        </li>
      ))}
    </ul>
  );
}

function said({ emoji, names, waits, fault }: Chip, { t }: Words): string {
  const who = names.map((name) => name ?? t("quote.us")).join(", ");
  const parts = [who === "" ? emoji : `${emoji} ${who}`];
  if (waits !== null) parts.push(t(waits === "on" ? "reaction.waits" : "reaction.leaving"));
  if (fault !== null) parts.push(t("reaction.failed", { why: fault }));
  return parts.join(". ");
}
