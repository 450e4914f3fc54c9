// Recording a voice message: whether one is, for how long, and how it ends.
import { useEffect, useRef, useState } from "react";
import { usePraise } from "../../app/complaints";
import { useWords } from "../../i18n/words";
import { type Recording, record } from "./record";

export interface Recorder {
  /** Null while nothing is recorded. */
  readonly seconds: number | null;
  start(): void;
  /** The recording becomes a file of the next message. */
  keep(): void;
  drop(): void;
}

/** `works` is called again and again while something is recorded. */
export function useRecorder(stage: (files: readonly File[]) => void, works: () => void): Recorder {
  const { t } = useWords();
  const tell = usePraise();
  const recording = useRef<Recording | null>(null);
  const [since, setSince] = useState<number | null>(null);
  const seconds = useSecondsSince(since);
  const isAsking = useRef(false);
  useEffect(() => () => recording.current?.drop(), []);
  useEffect(() => {
    if (seconds !== null) works();
  }, [seconds, works]);

  const taken = () => {
    const { current } = recording;
    recording.current = null;
    setSince(null);
    return current;
  };
  const start = async () => {
    if (isAsking.current) return;
    isAsking.current = true;
    try {
      recording.current = await record();
      setSince(Date.now());
    } catch (error) {
      const isNone = error instanceof DOMException && error.name === "NotFoundError";
      tell(t(isNone ? "record.none" : "record.denied"));
    } finally {
      isAsking.current = false;
    }
  };
  const keep = async () => {
    const file = await taken()?.stop();
    if (file !== undefined) stage([file]);
  };
  return {
    seconds,
    start: () => void start(),
    keep: () => void keep().catch(() => tell(t("record.lost"))),
    drop: () => taken()?.drop(),
  };
}

function useSecondsSince(since: number | null): number | null {
  const [now, setNow] = useState(0);
  useEffect(() => {
    if (since === null) return;
    setNow(Date.now());
    const clock = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(clock);
  }, [since]);
  return since === null ? null : Math.max(0, (now - since) / 1_000);
}
