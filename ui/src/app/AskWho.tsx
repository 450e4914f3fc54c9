// For whoever lacks a right: no dead button, but the names of those who have it.
import { IconUserQuestion } from "@tabler/icons-react";
import { useWords } from "../i18n/words";
import { useAccess } from "./access";

export function AskWho({ todo }: { todo: string }) {
  const { t } = useWords();
  const who = useAdministrators();
  return (
    <p className="ask-who">
      <IconUserQuestion size={18} aria-hidden />
      {t("ask.who", { who, todo })}
    </p>
  );
}

/** Their names, as one says them. */
export function useAdministrators(): string {
  const { t, language } = useWords();
  const { administrators } = useAccess().session;
  const list = new Intl.ListFormat(language, { type: "disjunction" });
  return administrators.length > 0 ? list.format(administrators) : t("ask.administrator");
}
