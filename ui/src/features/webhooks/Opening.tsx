// A line of a log that opens to all that is known of it.
import { IconChevronRight } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";

export function Opening({ line, children }: { line: ReactNode; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <li className="log-row">
      <button
        type="button"
        className="log-line"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <IconChevronRight size={16} aria-hidden className="log-sign" />
        {line}
      </button>
      {open && <div className="log-details">{children}</div>}
    </li>
  );
}
