// How the state of a connection looks; its words come from the server.
import {
  IconCircleCheck,
  IconKeyOff,
  IconLoader2,
  IconPlugConnected,
  IconPlugConnectedX,
  IconPower,
  IconUserOff,
} from "@tabler/icons-react";
import type { Look } from "../../status/look";
import type { Connection } from "./connections";

type State = Connection["status"]["state"];
type Seen = Pick<Look, "tone" | "icon"> & {
  /** What helps first; the words say the rest. */
  readonly helps: "edit" | "test";
};

const LOOKS: Readonly<Partial<Record<State, Seen>>> = {
  keys_refused: { tone: "act", icon: IconKeyOff, helps: "edit" },
  not_installed: { tone: "act", icon: IconPlugConnected, helps: "test" },
  gone: { tone: "stop", icon: IconUserOff, helps: "edit" },
  unreachable: { tone: "warn", icon: IconPlugConnectedX, helps: "test" },
  untried: { tone: "busy", icon: IconLoader2, helps: "test" },
  working: { tone: "ok", icon: IconCircleCheck, helps: "test" },
  off: { tone: "off", icon: IconPower, helps: "test" },
};
const WORST_FIRST = Object.keys(LOOKS);

/** A newer server may know states that this page does not. */
export function lookOf(state: string): Seen {
  return LOOKS[state as State] ?? { tone: "warn", icon: IconPlugConnectedX, helps: "test" };
}

export function worstFirst(one: Connection, other: Connection): number {
  const byState = WORST_FIRST.indexOf(one.status.state) - WORST_FIRST.indexOf(other.status.state);
  return byState !== 0 ? byState : one.name.localeCompare(other.name);
}
