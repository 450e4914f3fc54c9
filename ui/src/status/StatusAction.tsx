// The one primary button of a status. It works in place; who may not press it is told who can.
import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { useLocation } from "wouter";
import { names } from "../api/cache";
import { api, asked, type Channel } from "../api/client";
import { AskWho } from "../app/AskWho";
import { type Doing, useAccess } from "../app/access";
import { useComplaint } from "../app/complaints";

type Action = NonNullable<Channel["status"]["action"]>;
type Command =
  | "enable"
  | "disable"
  | "use-here"
  | "enable-here"
  | "rescan"
  | "pairing-code"
  | "check"
  | "restore";

const COMMANDS: Partial<Record<Action, Command>> = {
  RESTORE: "restore",
  ENABLE: "enable",
  CONTINUE: "check",
  ENABLE_HERE: "enable-here",
  CHECK_NOW: "check",
  USE_HERE: "use-here",
};
const NEEDS: Partial<Record<Action, Doing>> = { RESTORE: "set_up", TOP_UP: "pay" };

/** Opens the dialog with the code; its place is above all pages. */
export const ShowCode = createContext<(channel: Channel) => void>(() => {});

export function useCommand(channel: Channel) {
  const cache = useQueryClient();
  const complain = useComplaint();
  return useMutation({
    mutationFn: (command: Command) =>
      asked(
        api.POST("/api/v1/channels/{channel_id}/{command}", {
          params: { path: { channel_id: channel.id, command: command as never } },
        }),
      ),
    onSuccess: (now) =>
      cache.setQueryData<Channel[]>(names.channels, (all) =>
        all?.map((one) => (one.id === now.id ? now : one)),
      ),
    onError: complain,
  });
}

export function StatusAction({
  channel,
  isQuiet = false,
}: {
  channel: Channel;
  isQuiet?: boolean;
}) {
  const { may } = useAccess();
  const [, goTo] = useLocation();
  const showCode = useContext(ShowCode);
  const command = useCommand(channel);
  const { action, button } = channel.status;
  if (action === null || button === null || action === "READ_ADVICE") return null;
  if (!may(NEEDS[action] ?? "steer", channel.id)) return <AskWho todo={button} />;
  const press = () => {
    if (action === "SCAN") showCode(channel);
    else if (action === "TOP_UP") goTo("/balance");
    else command.mutate(COMMANDS[action] ?? "check");
  };
  return (
    <Button
      size="sm"
      variant={isQuiet ? "default" : "filled"}
      onClick={press}
      loading={command.isPending}
      className="primary-action"
    >
      {button}
    </Button>
  );
}
