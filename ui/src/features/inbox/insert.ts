// Puts something into a text where the cursor is.
export interface Inserted {
  readonly text: string;
  /** Where the cursor stands afterwards. */
  readonly caret: number;
}

/** What was marked is replaced, as typing would. */
export function inserted(text: string, what: string, from: number, to: number): Inserted {
  return { text: text.slice(0, from) + what + text.slice(to), caret: from + what.length };
}
