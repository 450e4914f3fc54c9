// What an endpoint is told, in words.
import { useChannels } from "../../api/queries";
import { useWords } from "../../i18n/words";
import type { Endpoint } from "./endpoints";

export function useTold({ kinds, channels }: Endpoint): { kinds: string; channels: string } {
  const { t, language } = useWords();
  const { data: known = [] } = useChannels();
  const list = new Intl.ListFormat(language, { type: "conjunction" });
  const names = known.filter(({ id }) => channels?.includes(id)).map(({ name }) => name);
  return {
    kinds:
      kinds === null
        ? t("webhooks.everything")
        : t("webhooks.someKinds", { count: kinds.length, kinds: kinds.join(", ") }),
    channels: channels === null ? t("inbox.allChannels") : list.format(names),
  };
}
