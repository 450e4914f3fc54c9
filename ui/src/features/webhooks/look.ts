// How the health of an endpoint and the answer of a receiver look.
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconMailX,
  IconPlayerPause,
} from "@tabler/icons-react";
import type { Schemas } from "../../api/client";
import type { Look } from "../../status/look";
import { type Endpoint, nameOf } from "./endpoints";

type Health = Schemas["EndpointView"]["health"];

const LOOKS: Readonly<Record<Health, Pick<Look, "tone" | "icon">>> = {
  failing: { tone: "stop", icon: IconAlertTriangle },
  dead_letters: { tone: "act", icon: IconMailX },
  paused: { tone: "off", icon: IconPlayerPause },
  working: { tone: "ok", icon: IconCircleCheck },
};
const WORST_FIRST = Object.keys(LOOKS) as Health[];

export function lookOf(health: Health) {
  return LOOKS[health];
}

export function worstFirst(one: Endpoint, other: Endpoint): number {
  const byHealth = WORST_FIRST.indexOf(one.health) - WORST_FIRST.indexOf(other.health);
  return byHealth !== 0
    ? byHealth
    : nameOf(one).localeCompare(nameOf(other), undefined, { numeric: true });
}

export function isTaken(code: number | null): boolean {
  return code !== null && code >= 200 && code < 300;
}
