// How it is said that colleagues write in a chat.
import type { Words } from "../../i18n/words";

const NAMED_MAX = 2;

/** Null when nobody does. */
export function presenceText(
  names: readonly string[],
  { language, t }: Pick<Words, "language" | "t">,
): string | null {
  const [name] = names;
  if (name === undefined) return null;
  if (names.length === 1) return t("presence.single", { name });
  if (names.length > NAMED_MAX) return t("presence.crowd", { count: names.length });
  return t("presence.pair", { names: new Intl.ListFormat(language).format(names) });
}
