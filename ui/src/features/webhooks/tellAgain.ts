// Has facts told again, and says how many stretches of them there were.
import { usePraise } from "../../app/complaints";
import { useWords } from "../../i18n/words";
import { useReplay } from "./endpoints";

export function useTellAgain(endpoint: string) {
  const { t } = useWords();
  const praise = usePraise();
  const replay = useReplay(endpoint);
  type Asked = Parameters<typeof replay.mutate>[0];
  const mutate = (asked: Asked, onDone: () => void = () => {}) =>
    replay.mutate(asked, {
      onSuccess: ({ stretches }) => {
        praise(t(stretches > 0 ? "webhooks.isToldAgain" : "webhooks.nothingToTell"));
        onDone();
      },
    });
  return { isPending: replay.isPending, mutate };
}
