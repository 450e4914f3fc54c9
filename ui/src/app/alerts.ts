// Which facts are worth calling a person who looks elsewhere, in what words; and that only one tab calls.
import type { Channel, Chat } from "../api/client";
import type { Fact } from "../api/stream";
import { lookOf } from "../status/look";

/** What somebody wants to be called for; each reader chooses for this browser. */
export interface Wishes {
  readonly channels: boolean;
  readonly chats: "none" | "mine" | "all";
  readonly sound: boolean;
}

export const SILENT: Wishes = { channels: false, chats: "none", sound: false };

/** Whether a fact may be worth a call at all, before anything is asked of the server. */
export function concerns(fact: Fact, wishes: Wishes): boolean {
  const { kind, body } = fact;
  if (kind === "channel.status") return wishes.channels && lookOf(`${body.new}`).needsPeople;
  return kind === "message.received" && wishes.chats !== "none" && !body.echo && !body.retrieved;
}

export interface Alert {
  readonly title: string;
  readonly body: string;
  /** The page that a press on it opens. */
  readonly path: string;
}

export function alertOfChat(chat: Chat, person: string, wishes: Wishes): Alert | null {
  const isMine = chat.owner_id === person;
  if (chat.unanswered === 0 || (wishes.chats === "mine" && !isMine)) return null;
  const body = chat.last_message?.text ?? "";
  return { title: chat.name ?? `+${chat.phone}`, body, path: `/inbox/${chat.id}` };
}

export function alertOfChannel(channel: Channel): Alert | null {
  if (!lookOf(channel.status.code).needsPeople) return null; // It has helped itself meanwhile.
  const title = `${channel.name} — ${channel.status.title}`;
  return { title, body: channel.status.reason_text, path: `/channels/${channel.id}` };
}

const LOOKED_AT = "houston-looked-at";

/** While this page is in sight, other tabs stay silent. The lock ends with the tab, however it ends. */
export function beLookedAt(): () => void {
  if (navigator.locks === undefined) return () => {}; // Without https, nobody can be called anyway.
  let release = () => {};
  const follow = () => {
    release();
    if (document.hidden) return;
    const held = new Promise<void>((done) => {
      release = done;
    });
    void navigator.locks.request(LOOKED_AT, { mode: "shared" }, () => held);
  };
  follow();
  document.addEventListener("visibilitychange", follow);
  return () => {
    document.removeEventListener("visibilitychange", follow);
    release();
  };
}

async function isAnyLookedAt(): Promise<boolean> {
  const { held = [] } = await navigator.locks.query();
  return held.some(({ name }) => name === LOOKED_AT);
}

const ONE_CALL_MS = 3_000;

/** Calls unless somebody looks at Houston, or another tab calls for the same fact. */
export async function callOnce(fact: string, call: () => void): Promise<void> {
  if (navigator.locks === undefined) return call();
  if (await isAnyLookedAt()) return;
  await navigator.locks.request(`houston-alert-${fact}`, { ifAvailable: true }, async (mine) => {
    if (mine === null) return;
    call();
    await new Promise((done) => setTimeout(done, ONE_CALL_MS));
  });
}
