// Links a number: the code as it rotates, the steps, how long it lasts, and the success at once.
import { Button } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { encode } from "uqr";
import { api, asked, type Channel, type Schemas } from "../../api/client";
import { useChannel } from "../../api/queries";
import { Coming } from "../../app/Coming";
import { Dialog } from "../../app/Dialog";
import { phoneText } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { useCommand } from "../../status/StatusAction";
import { CodeLink } from "./CodeLink";
import { Countdown } from "./Countdown";

type Code = Schemas["CodeView"];

const UNLINKED = new Set(["SCAN_QR", "CONFIRM_ON_PHONE"]);

export default function CodeDialog(props: { channelId: string; onClose: () => void }) {
  const { t } = useWords();
  const channel = useChannel(props.channelId);
  if (channel === undefined) return null;
  const isLinked = !UNLINKED.has(channel.status.code);
  return (
    <Dialog onClose={props.onClose} size={640} title={t("code.title", { name: channel.name })}>
      {isLinked ? (
        <Linked channel={channel} onClose={props.onClose} />
      ) : (
        <Linking channel={channel} />
      )}
    </Dialog>
  );
}

function Linked({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  const { t } = useWords();
  return (
    <div className="code-done" role="status">
      <IconCircleCheck size={72} aria-hidden />
      <h2>{t("code.linked")}</h2>
      <p>{channel.status.title}</p>
      <Button onClick={onClose} data-autofocus>
        {t("code.done")}
      </Button>
    </div>
  );
}

function Linking({ channel }: { channel: Channel }) {
  const { t } = useWords();
  const command = useCommand(channel);
  const [typed, setTyped] = useState(false);
  const hasCode = channel.status.state !== "qridle" && !command.isPending;
  const { code, ask } = useCode(channel, hasCode);
  const isTyped = code === undefined ? typed : code.way === "code"; // Others may have asked for it.
  const { mutate } = command;
  const wasIdle = useRef(channel.status.state === "qridle");
  useEffect(() => {
    if (wasIdle.current) mutate("rescan"); // Whoever opens this wants a code.
    wasIdle.current = false;
  }, [mutate]);
  const asks = channel.status.code === "CONFIRM_ON_PHONE";
  const press = (next: "rescan" | "pairing-code") => {
    setTyped(next === "pairing-code");
    command.mutate(next);
  };
  return (
    <div className="code">
      <div className="code-picture" data-testid="code-picture">
        {code !== undefined && <Picture code={code} />}
        {code === undefined && !hasCode && !command.isPending && (
          <div className="code-gone">
            <p>{t("code.expired")}</p>
            <Button onClick={() => press("rescan")}>{t("code.new")}</Button>
          </div>
        )}
        {code === undefined && (hasCode || command.isPending) && <Coming what={t("code.coming")} />}
      </div>
      <div className="code-steps">
        {asks && <p className="note tone-act">{channel.status.todo}</p>}
        <ol>
          <li>{t("code.step.open", { phone: phoneText(channel.phone) })}</li>
          <li>{t("code.step.menu")}</li>
          <li>{isTyped ? t("code.step.type") : t("code.step.point")}</li>
        </ol>
        {code !== undefined && (
          <p className="hint" role="timer">
            {code.of > 0 && t("code.number", { number: code.number, of: code.of })}
            {code.of > 0 && " · "}
            <Countdown until={code.expires_at} onEnd={ask} />
          </p>
        )}
        <button
          type="button"
          className="link"
          onClick={() => press(isTyped ? "rescan" : "pairing-code")}
        >
          {isTyped ? t("code.showPicture") : t("code.byNumber")}
        </button>
        <CodeLink channel={channel} />
      </div>
    </div>
  );
}

/** The code as long as it is valid. The status says when the next one comes, and so that it came. */
function useCode(channel: Channel, enabled: boolean) {
  const found = useQuery({
    queryKey: ["code", channel.id, channel.status.reason, channel.status.next_step_at],
    queryFn: () =>
      asked(
        api.GET("/api/v1/channels/{channel_id}/qr", {
          params: { path: { channel_id: channel.id } },
        }),
      ),
    enabled,
    gcTime: 0,
    placeholderData: keepPreviousData,
    retry: true, // One may be on its way; the fact that none comes any more disables this.
    retryDelay: 500,
  });
  const isGood =
    enabled && found.data !== undefined && Date.parse(found.data.expires_at) > Date.now();
  return { code: isGood ? found.data : undefined, ask: () => void found.refetch() };
}

/** Always black on white with four modules around it, in every theme: phones need both. */
function Picture({ code }: { code: Code }) {
  const { t } = useWords();
  if (code.way === "code") return <output className="code-typed">{code.code}</output>;
  const { data, size } = encode(code.code, { ecc: "M", border: 4 });
  const dark = data.flatMap((row, y) =>
    row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])),
  );
  return (
    <svg
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      role="img"
      aria-label={t("code.picture")}
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={dark.join("")} fill="#000" />
    </svg>
  );
}
