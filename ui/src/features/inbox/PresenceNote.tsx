// Over the composer: that a colleague writes here too. It blocks nothing and moves nothing.
import { IconPencil } from "@tabler/icons-react";
import { usePresence } from "../../api/presence";
import { useWords } from "../../i18n/words";
import { presenceText } from "./presence";

/** The place is always there: a screen reader tells only what changes in one that it knows. */
export function PresenceNote({ chat }: { chat: string }) {
  const words = useWords();
  const text = presenceText(usePresence(chat), words);
  return (
    <div className="presence" role="status" aria-live="polite">
      {text !== null && (
        <span>
          <IconPencil size={15} aria-hidden /> {text}
        </span>
      )}
    </div>
  );
}
