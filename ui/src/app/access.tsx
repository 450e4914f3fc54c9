// Who is signed in and what they may do: the same table as the server's, which decides in any case.
import { createContext, useContext } from "react";
import type { Schemas, SignedIn } from "../api/client";

type Role = Schemas["Role"];
export type Doing = Schemas["Doing"];

const RIGHTS: Readonly<Record<Role, readonly Doing[]>> = {
  auditor: ["read"],
  seller: ["read", "write"],
  manager: ["read", "write", "steer"],
  administrator: ["read", "write", "steer", "set_up", "pay", "administer"],
};

export interface Access {
  /** Pages inside a CRM show chats and nothing around them. */
  readonly isWindow: boolean;
  readonly session: SignedIn;
  /** To a channel or, without one, at all. */
  may(doing: Doing, channel?: string): boolean;
}

export function accessOf(session: SignedIn): Access {
  const roles = (session.channels ?? {}) as Readonly<Record<string, Role>>;
  const rolesAt = (channel?: string): (Role | null)[] => {
    if (channel === undefined) return [session.role, ...Object.values(roles)];
    return [session.role === "administrator" ? session.role : (roles[channel] ?? session.role)];
  };
  return {
    isWindow: false,
    session,
    may: (doing, channel) =>
      rolesAt(channel).some((role) => role !== null && RIGHTS[role].includes(doing)),
  };
}

export const AccessContext = createContext<Access | null>(null);

export function useAccess(): Access {
  const access = useContext(AccessContext);
  if (access === null) throw new Error("useAccess is used by somebody who is not signed in");
  return access;
}
