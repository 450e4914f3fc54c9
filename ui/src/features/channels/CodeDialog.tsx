// Links a number: the code as it rotates, the steps, how long it lasts, and the success at once.
import { Button, Loader, Modal } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { encode } from "uqr";
import { api, asked, type Channel, Problem, type Schemas } from "../../api/client";
import { useChannel } from "../../api/queries";
import { phoneText } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { useCommand } from "../../status/StatusAction";
import { Countdown } from "./Countdown";

type Code = Schemas["CodeView"];

const UNLINKED = new Set(["SCAN_QR", "CONFIRM_ON_PHONE"]);

export default function CodeDialog(props: { channelId: string; onClose: () => void }) {
  const { t } = useWords();
  const channel = useChannel(props.channelId);
  if (channel === undefined) return null;
  const isLinked = !UNLINKED.has(channel.status.code);
  return (
    <Modal
      opened
      onClose={props.onClose}
      size={640}
      title={t("code.title", { name: channel.name })}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      {isLinked ? (
        <Linked channel={channel} onClose={props.onClose} />
      ) : (
        <Linking channel={channel} />
      )}
    </Modal>
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
  const code = useCode(channel);
  const asks = channel.status.code === "CONFIRM_ON_PHONE";
  const press = (next: "rescan" | "pairing-code") => {
    setTyped(next === "pairing-code");
    command.mutate(next as never, { onSettled: () => void code.refetch() });
  };
  return (
    <div className="code">
      <div className="code-picture" data-testid="code-picture">
        {code.data === undefined ? (
          code.error instanceof Problem ? (
            <div className="code-gone">
              <p>{t("code.expired")}</p>
              <Button onClick={() => press("rescan")} loading={command.isPending}>
                {t("code.new")}
              </Button>
            </div>
          ) : (
            <Loader aria-label={t("code.coming")} />
          )
        ) : (
          <Picture code={code.data} />
        )}
      </div>
      <div className="code-steps">
        {asks && <p className="note tone-act">{channel.status.todo}</p>}
        <ol>
          <li>{t("code.step.open", { phone: phoneText(channel.phone) })}</li>
          <li>{t("code.step.menu")}</li>
          <li>{typed ? t("code.step.type") : t("code.step.point")}</li>
        </ol>
        {code.data !== undefined && (
          <p className="hint" role="timer">
            {code.data.of > 0 && t("code.number", { number: code.data.number, of: code.data.of })}
            {code.data.of > 0 && " · "}
            <Countdown until={code.data.expires_at} onEnd={() => void code.refetch()} />
          </p>
        )}
        <button
          type="button"
          className="link"
          onClick={() => press(typed ? "rescan" : "pairing-code")}
        >
          {typed ? t("code.showPicture") : t("code.byNumber")}
        </button>
      </div>
    </div>
  );
}

/** The code as long as it is valid; every fact about the channel asks for it anew. */
function useCode(channel: Channel) {
  const found = useQuery({
    queryKey: ["code", channel.id],
    queryFn: () =>
      asked(
        api.GET("/api/v1/channels/{channel_id}/qr", {
          params: { path: { channel_id: channel.id } },
        }),
      ),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  const { refetch } = found;
  const { next_step_at: nextAt, reason } = channel.status;
  // biome-ignore lint/correctness/useExhaustiveDependencies: either of them says that the code changed
  useEffect(() => void refetch(), [nextAt, reason, refetch]);
  const isOver = found.data !== undefined && Date.parse(found.data.expires_at) < Date.now() - 2_000;
  return { ...found, data: isOver || found.isError ? undefined : found.data };
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
