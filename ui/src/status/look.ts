// How each status looks. The only place that knows statuses; their words come from the server.
import {
  type Icon,
  IconBan,
  IconCircleCheck,
  IconCoinOff,
  IconDeviceDesktopShare,
  IconDeviceMobileCheck,
  IconDeviceMobileOff,
  IconLoader2,
  IconPower,
  IconQrcode,
  IconTrash,
} from "@tabler/icons-react";
import type { Channel, StatusCode } from "../api/client";

export type Tone = "ok" | "busy" | "act" | "warn" | "stop" | "off";

export interface Look {
  readonly tone: Tone;
  readonly icon: Icon;
  /** How high its bar is in the history: what colour says is said by height as well. */
  readonly height: number;
  readonly needsPeople: boolean;
}

const LOOKS: Readonly<Record<StatusCode, Look>> = {
  ACTIVE: { tone: "ok", icon: IconCircleCheck, height: 1, needsPeople: false },
  JUST_A_MINUTE: { tone: "busy", icon: IconLoader2, height: 0.8, needsPeople: false },
  SCAN_QR: { tone: "act", icon: IconQrcode, height: 0.55, needsPeople: true },
  CONFIRM_ON_PHONE: { tone: "act", icon: IconDeviceMobileCheck, height: 0.55, needsPeople: true },
  OPENED_ELSEWHERE: { tone: "act", icon: IconDeviceDesktopShare, height: 0.55, needsPeople: true },
  PHONE_UNAVAILABLE: { tone: "warn", icon: IconDeviceMobileOff, height: 0.55, needsPeople: true },
  BLOCKED: { tone: "stop", icon: IconBan, height: 0.3, needsPeople: true },
  NOT_PAID: { tone: "stop", icon: IconCoinOff, height: 0.3, needsPeople: true },
  DISABLED: { tone: "off", icon: IconPower, height: 0.3, needsPeople: false },
  DELETED: { tone: "off", icon: IconTrash, height: 0.15, needsPeople: false },
};

/** A newer server may know statuses that this page does not. */
export function lookOf(code: string): Look {
  return LOOKS[code as StatusCode] ?? LOOKS.JUST_A_MINUTE;
}

export function needsPeople(channel: Channel): boolean {
  return lookOf(channel.status.code).needsPeople;
}
