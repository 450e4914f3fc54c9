// One word for how something is: icon, words and colour say the same. It wraps, and is never cut.
import type { Icon } from "@tabler/icons-react";
import type { Tone } from "./look";

interface Props {
  readonly tone: Tone;
  readonly icon: Icon;
  readonly text: string;
  /** The word's code, for whoever looks for one. */
  readonly code: string;
}

export function Badge({ tone, icon: Sign, text, code }: Props) {
  return (
    <span className={`badge tone-${tone}`} data-status={code}>
      <Sign size={16} aria-hidden className={tone === "busy" ? "spinning" : undefined} />
      {text}
    </span>
  );
}
