// Tells the colleagues that somebody answers in a chat: seldom enough for the server, often enough to be believed.
import { useEffect, useMemo } from "react";
import { api, asked } from "../../api/client";
import { GONE_AFTER_MS } from "../../api/presence";

export const TELL_EVERY_MS = 3_000;

export interface Teller {
  /** Somebody here writes, records or chooses a file, and does so still. */
  works(): void;
  /** It was sent, emptied, left or closed. */
  stop(): void;
}

/** `tell` gets one thing at a time: a stop that overtook what it ends would leave that standing. */
export function tellerOf(tell: (writing: boolean) => Promise<unknown>): Teller {
  let workedAt = Number.NEGATIVE_INFINITY;
  let isKnown = false;
  let way: Promise<unknown> | null = null;
  const say = (writing: boolean) => {
    isKnown = writing;
    const mine: Promise<unknown> = (way === null ? tell(writing) : way.then(() => tell(writing)))
      .catch(() => {}) // It was worth something at that moment alone.
      .then(() => {
        if (way === mine) way = null;
      });
    way = mine;
  };
  const stop = () => {
    if (isKnown && Date.now() < workedAt + GONE_AFTER_MS) say(false);
    isKnown = false;
  };
  return {
    stop,
    works: () => {
      if (way !== null || Date.now() < workedAt + TELL_EVERY_MS) return;
      workedAt = Date.now();
      say(true);
    },
  };
}

/** `keepalive`: the last word is said by a page that is being closed. */
function tellServer(chat: string, writing: boolean): Promise<unknown> {
  return asked(
    api.POST("/api/v1/chats/{chat}/presence", {
      params: { path: { chat } },
      body: { writing },
      keepalive: true,
    }),
  );
}

export function useTeller(chat: string): Teller {
  const teller = useMemo(() => tellerOf((writing) => tellServer(chat, writing)), [chat]);
  useEffect(() => {
    window.addEventListener("pagehide", teller.stop);
    return () => {
      window.removeEventListener("pagehide", teller.stop);
      teller.stop();
    };
  }, [teller]);
  return teller;
}
