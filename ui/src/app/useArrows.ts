// Choosing from a list under a field by arrows and Enter, while the cursor stays in the field.
import { type KeyboardEvent, useState } from "react";

export interface Arrows {
  readonly active: number;
  /** Whether a key was meant for the list. */
  press(event: KeyboardEvent): boolean;
}

/** The first row is current again whenever what was `asked` for changes. */
export function useArrows(
  count: number,
  asked: string,
  keys: Readonly<Record<string, (active: number) => void>>,
): Arrows {
  const [at, setAt] = useState({ asked, row: 0 });
  const active = Math.min(at.asked === asked ? at.row : 0, count - 1);
  const step = (by: number) => setAt({ asked, row: (active + by + count) % count });
  const all: typeof keys = { ArrowDown: () => step(1), ArrowUp: () => step(-1), ...keys };
  return {
    active,
    press: (event) => {
      const act = all[event.key];
      const isPlain = !event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey;
      if (count === 0 || act === undefined || !isPlain) return false;
      event.preventDefault();
      event.nativeEvent.stopImmediatePropagation(); // Keys of the page would hear it as well.
      act(active);
      return true;
    },
  };
}
