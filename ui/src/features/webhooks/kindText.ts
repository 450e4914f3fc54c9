// What a kind of facts tells, in words; a newer server may have kinds that this page has none for.
import { type Key, useWords } from "../../i18n/words";

export function useKindText(): (kind: string) => string | undefined {
  const { t } = useWords();
  return (kind) => {
    const key = `kind.${kind}`;
    const text = t(key as Key);
    return text === key ? undefined : text;
  };
}
