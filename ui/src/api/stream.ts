// Reads server-sent events with `fetch`, because EventSource hides pings, status codes and unnamed kinds.
import { ownHeaders } from "./client";

export interface Fact {
  readonly id: string;
  readonly at: string;
  readonly kind: string;
  readonly channel_id: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Somebody writes in a chat, or has stopped. It is no fact: it has no place to come back to. */
export interface Presence {
  readonly kind: "presence";
  readonly channel_id: string;
  readonly body: {
    readonly chat_id: string;
    readonly operator_id: string;
    readonly name: string;
    readonly writing: boolean;
  };
}

export interface Listening {
  opened(): void;
  heard(fact: Fact): void;
  noticed(presence: Presence): void;
}

/** The server breathes every 15 seconds; a link that is silent for longer than two breaths is dead. */
const SILENCE_MS = 35_000;

/** Listens until the stream ends, is silent for too long or is aborted. Resolves to the answer's status. */
export async function listen(
  path: string,
  after: string | undefined,
  listening: Listening,
  signal: AbortSignal,
): Promise<number> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const response = await fetch(path, {
      headers: { ...ownHeaders(), ...(after === undefined ? {} : { "last-event-id": after }) },
      signal: AbortSignal.any([signal, silence.signal]),
      cache: "no-store",
    });
    if (!response.ok || response.body === null) return response.status;
    listening.opened();
    const read = frames(listening);
    for await (const text of chunks(response.body)) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      read(text);
    }
    return response.status;
  } finally {
    clearTimeout(timer);
  }
}

async function* chunks(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream() as never).getReader();
  while (true) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value as unknown as string;
  }
}

/** Puts chunks together and gives out every whole event. Comments (the server's breath) carry none. */
export function frames(listening: Pick<Listening, "heard" | "noticed">): (text: string) => void {
  let rest = "";
  return (text) => {
    const parts = (rest + text).split("\n\n");
    rest = parts.pop() ?? "";
    for (const part of parts) {
      const data = part.split("\n").find((line) => line.startsWith("data: "));
      if (data !== undefined) give(JSON.parse(data.slice("data: ".length)), listening);
    }
  };
}

/** What a newer server tells besides facts is not known here, and passed over. */
function give(
  told: Fact | Presence,
  { heard, noticed }: Pick<Listening, "heard" | "noticed">,
): void {
  if ("id" in told) heard(told);
  else if (told.kind === "presence") noticed(told);
}
