// A link to the code, for whoever holds the phone and has no sign-in here.
import { useMutation } from "@tanstack/react-query";
import { api, asked, type Channel } from "../../api/client";
import { Secret } from "../../app/Secret";
import { useTimes } from "../../i18n/times";
import { useWords } from "../../i18n/words";

export function CodeLink({ channel }: { channel: Channel }) {
  const { t } = useWords();
  const times = useTimes();
  const params = { path: { channel_id: channel.id } };
  const making = useMutation({
    mutationFn: () =>
      asked(api.POST("/api/v1/channels/{channel_id}/code-link", { params, body: {} })),
  });
  const withdrawing = useMutation({
    mutationFn: () => asked(api.DELETE("/api/v1/channels/{channel_id}/code-link", { params })),
    onSuccess: making.reset,
  });
  if (making.data === undefined) {
    return (
      <button
        type="button"
        className="link"
        disabled={making.isPending}
        onClick={() => making.mutate()}
      >
        {t("codeLink.send")}
      </button>
    );
  }
  return (
    <div className="code-link">
      <Secret
        text={making.data.url}
        hint={t("codeLink.hint", { time: times.clock(making.data.expires_at) })}
      />
      <button
        type="button"
        className="link danger"
        disabled={withdrawing.isPending}
        onClick={() => withdrawing.mutate()}
      >
        {t("codeLink.withdraw")}
      </button>
    </div>
  );
}
