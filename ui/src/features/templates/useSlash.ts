// What `/` in the composer offers: the templates that fit what is typed, chosen by arrows and Enter.
import { useState } from "react";
import { type Arrows, useArrows } from "../../app/useArrows";
import { askedFor, matching, type Template, useTemplates } from "./templates";

export interface Slash extends Arrows {
  readonly found: readonly Template[];
  choose(template: Template): void;
}

export function useSlash(text: string, choose: (template: Template) => void): Slash {
  const { data: templates = [] } = useTemplates();
  const [closedAt, setClosedAt] = useState<string | null>(null);
  const word = askedFor(text);
  const found = word === null || closedAt === text ? [] : matching(templates, word);
  const take = (active: number) => {
    const template = found[active];
    if (template !== undefined) choose(template);
  };
  const arrows = useArrows(found.length, text, {
    Enter: take,
    Tab: take,
    Escape: () => setClosedAt(text),
  });
  return { ...arrows, found, choose };
}
