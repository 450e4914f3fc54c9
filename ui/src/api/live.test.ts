// The server is a function here, and the browser's lock is held by the first tab for ever.
import { afterEach, expect, test, vi } from "vitest";
import { type Ears, goLive } from "./live";
import type { Fact, Presence } from "./stream";

const PRESENCE =
  'event: presence\ndata: {"kind":"presence","channel_id":"c","body":{"name":"Anna"}}\n\n';
const FACT = 'id: 1-1-1\nevent: chat.marked\ndata: {"id":"1-1-1","kind":"chat.marked"}\n\n';
const OF_A_LATER_VERSION = 'event: weather\ndata: {"kind":"weather","body":{}}\n\n';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A server that says this once and then nothing; and where each request wanted to go on. */
function server(said: string): (string | null)[] {
  const places: (string | null)[] = [];
  vi.stubGlobal("fetch", async (_: string, { headers, signal }: RequestInit) => {
    places.push(new Headers(headers).get("last-event-id"));
    if (places.length === 1) return new Response(said);
    return new Promise((_done, fail) => signal?.addEventListener("abort", fail));
  });
  return places;
}

function oneLock(): void {
  let isHeld = false;
  const request = (_: string, __: LockOptions, act: () => Promise<void>) => {
    if (isHeld) return new Promise(() => {});
    isHeld = true;
    return act();
  };
  vi.stubGlobal("navigator", { locks: { request } });
}

function tab(): { ears: Ears; facts: Fact[]; noticed: Presence[] } {
  const facts: Fact[] = [];
  const noticed: Presence[] = [];
  const ears: Ears = {
    fact: (fact) => facts.push(fact),
    presence: (presence) => noticed.push(presence),
    reread: () => {},
    link: () => {},
  };
  return { ears, facts, noticed };
}

test("presence reaches every tab, moves no place in the feed and is no fact", async () => {
  oneLock();
  const places = server(FACT + PRESENCE + OF_A_LATER_VERSION);
  const [leader, other] = [tab(), tab()];
  const ends = [leader, other].map(({ ears }) => goLive("anna", ears));
  await vi.waitFor(() => expect(places).toEqual([null, "1-1-1"]));
  for (const one of [leader, other]) {
    await vi.waitFor(() => expect(one.noticed.map(({ body }) => body.name)).toEqual(["Anna"]));
    expect(one.facts.map(({ id }) => id)).toEqual(["1-1-1"]);
  }
  for (const end of ends) end();
});

test("who may read nothing is not told that the server is lost", async () => {
  oneLock();
  vi.stubGlobal("fetch", async () => new Response(null, { status: 403 }));
  const links: string[] = [];
  const end = goLive("boris", { ...tab().ears, link: (link) => links.push(link) });
  await vi.waitFor(() => expect(links).toEqual(["barred"]));
  end();
});
