// One live stream for all tabs: whoever holds the lock listens and tells the others.
// A browser opens six connections to a host, so a stream for each tab would leave the seventh dead.
import { signedOut } from "./client";
import { type Fact, listen, type Presence } from "./stream";

export type Link = "connecting" | "live" | "lost" | "back" | "barred";

type Word =
  | { say: "fact"; fact: Fact }
  | { say: "presence"; presence: Presence }
  | { say: "link"; link: Link; since: number }
  | { say: "reread" }
  | { say: "hello" };

export interface Ears {
  fact(fact: Fact): void;
  presence(presence: Presence): void;
  /** Something may have been missed: read again whatever is shown. */
  reread(): void;
  link(link: Link, since: number): void;
}

const NAME = "houston-live";
const RETRY_MS = 1_000;
const BACK_SHOWN_MS = 3_000;

/**
 * Starts to listen; the returned function ends it, and another tab takes over.
 * Only tabs of the same `listener` share: others may see other facts.
 */
export function goLive(listener: string, ears: Ears): () => void {
  const name = `${NAME}-${listener}`;
  const others = new BroadcastChannel(name);
  const ended = new AbortController();
  let shown: Word & { say: "link" } = { say: "link", link: "connecting", since: Date.now() };

  const obey = (word: Word) => {
    if (word.say === "fact") ears.fact(word.fact);
    else if (word.say === "presence") ears.presence(word.presence);
    else if (word.say === "reread") ears.reread();
    else if (word.say === "link") ears.link(word.link, word.since);
  };
  const tell = (word: Word) => {
    if (word.say === "link") shown = word;
    others.postMessage(word);
    obey(word);
  };
  let leads = false;
  others.onmessage = ({ data }: MessageEvent<Word>) => {
    if (data.say !== "hello") obey(data);
    else if (leads) others.postMessage(shown);
  };
  others.postMessage({ say: "hello" } satisfies Word);

  if (navigator.locks === undefined) {
    leads = true; // Without https browsers have no locks: then each tab listens for itself.
    void lead(obey, ended.signal);
    return () => ended.abort();
  }
  navigator.locks
    .request(name, { signal: ended.signal }, async () => {
      leads = true;
      await lead(tell, ended.signal);
    })
    .catch(() => {}); // Ended while it waited for its turn.
  return () => {
    ended.abort();
    others.close();
  };
}

async function lead(tell: (word: Word) => void, signal: AbortSignal): Promise<void> {
  let last: string | undefined;
  let link: Link = "connecting";
  const become = (next: Link) => {
    if (link === next) return;
    link = next;
    tell({ say: "link", link, since: Date.now() });
  };
  const listening = {
    opened: () => {
      const wasLost = link === "lost";
      become(wasLost ? "back" : "live");
      if (wasLost) setTimeout(() => link === "back" && become("live"), BACK_SHOWN_MS);
      tell({ say: "reread" }); // Also on the first time: another tab may have led before.
    },
    heard: (fact: Fact) => {
      last = fact.id;
      tell({ say: "fact", fact });
    },
    noticed: (presence: Presence) => tell({ say: "presence", presence }),
  };
  while (!signal.aborted) {
    const status = await listen("/api/v1/stream", last, listening, signal).catch(() => 0);
    if (signal.aborted) return;
    if (status === 401) return signedOut();
    if (status === 400) last = undefined; // The server does not know that place any more.
    if (status !== 200) become(status === 403 ? "barred" : "lost");
    await pause(status === 200 ? 0 : RETRY_MS, signal);
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, milliseconds);
    const wake = () => {
      clearTimeout(timer);
      done();
    };
    signal.addEventListener("abort", wake, { once: true });
  });
}
