// The templates that `/` has found, over the field.
import { useEffect, useRef } from "react";
import { useWords } from "../../i18n/words";
import type { Slash } from "./useSlash";

export const SLASH_LIST = "slash-list";
export const optionId = (row: number) => `slash-${row}`;

export function SlashList({ slash }: { slash: Slash }) {
  const { t } = useWords();
  const current = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever another one is current
  useEffect(() => {
    current.current?.scrollIntoView({ block: "nearest" });
  }, [slash.active]);
  if (slash.found.length === 0) return null;
  return (
    <div className="slash" id={SLASH_LIST} role="listbox" aria-label={t("templates.title")}>
      {slash.found.map((template, row) => (
        <div
          key={template.id}
          id={optionId(row)}
          ref={row === slash.active ? current : null}
          role="option"
          tabIndex={-1}
          aria-selected={row === slash.active}
          className="slash-option"
          onMouseDown={(event) => {
            event.preventDefault(); // The field keeps its focus.
            slash.choose(template);
          }}
        >
          <strong>{template.name}</strong>
          <span className="hint one-line">{template.text}</span>
        </div>
      ))}
    </div>
  );
}
