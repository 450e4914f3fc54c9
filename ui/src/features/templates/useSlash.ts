// What `/` in the composer offers: the templates that fit what is typed, chosen by arrows and Enter.
import { type KeyboardEvent, useState } from "react";
import { askedFor, matching, type Template, useTemplates } from "./templates";

export interface Slash {
  readonly found: readonly Template[];
  readonly active: number;
  choose(template: Template): void;
  /** Whether a key was meant for the list. */
  press(event: KeyboardEvent): boolean;
}

export function useSlash(text: string, choose: (template: Template) => void): Slash {
  const { data: templates = [] } = useTemplates();
  const [at, setAt] = useState({ text: "", row: 0, closed: false });
  const word = askedFor(text);
  const here = at.text === text ? at : { text, row: 0, closed: false };
  const found = word === null || here.closed ? [] : matching(templates, word);
  const active = Math.min(here.row, found.length - 1);
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => setAt({ ...here, row: (active + 1) % found.length }),
    ArrowUp: () => setAt({ ...here, row: (active + found.length - 1) % found.length }),
    Escape: () => setAt({ ...here, closed: true }),
    Enter: () => take(),
    Tab: () => take(),
  };
  const take = () => {
    const template = found[active];
    if (template !== undefined) choose(template);
  };
  return {
    found,
    active,
    choose,
    press: (event) => {
      const act = keys[event.key];
      const isPlain = !event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey;
      if (found.length === 0 || act === undefined || !isPlain) return false;
      event.preventDefault();
      event.stopPropagation();
      event.nativeEvent.stopImmediatePropagation(); // Escape would leave the field as well.
      act();
      return true;
    },
  };
}
