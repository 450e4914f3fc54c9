// A voice message as WhatsApp takes it: Opus in OGG, or what else this browser can record and WhatsApp can play.
import { newId } from "../../app/newId";

/** The best first. WebM is put into OGG afterwards, sound for sound: WhatsApp plays none. */
const FORMS = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"] as const;
const BITS_PER_SECOND = 32_000; // Plenty for speech, and what phones use.

export interface Recording {
  /** Ends it; what was said, as a file. */
  stop(): Promise<File>;
  /** Ends it, and forgets what was said. */
  drop(): void;
}

/** Browsers give the microphone to pages over https and on this machine only. */
export function canRecord(): boolean {
  return navigator.mediaDevices !== undefined && form() !== undefined;
}

/** Rejects with what getUserMedia says: NotAllowedError, or NotFoundError where there is no microphone. */
export async function record(): Promise<Recording> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
  const recorder = new MediaRecorder(stream, {
    ...(form() !== undefined && { mimeType: form() }),
    audioBitsPerSecond: BITS_PER_SECOND,
  });
  const parts: Blob[] = [];
  const ended = new Promise<Blob>((resolve) => {
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.onstop = () => {
      for (const track of stream.getTracks()) track.stop(); // The browser's red sign goes out.
      resolve(new Blob(parts, { type: recorder.mimeType }));
    };
  });
  recorder.start();
  const end = () => {
    if (recorder.state !== "inactive") recorder.stop();
  };
  return {
    drop: end,
    stop: async () => {
      end();
      return asVoice(await ended);
    },
  };
}

function form(): string | undefined {
  if (typeof MediaRecorder === "undefined") return undefined;
  return FORMS.find((one) => MediaRecorder.isTypeSupported(one));
}

/** A name of its own for each, so that two are told apart. */
async function asVoice(said: Blob): Promise<File> {
  const name = `voice-${newId().slice(0, 8)}`;
  if (said.type.startsWith("audio/mp4")) {
    return new File([said], `${name}.m4a`, { type: "audio/mp4" });
  }
  const isOgg = said.type.startsWith("audio/ogg");
  const ogg = isOgg ? said : await (await import("./toOgg")).toOgg(said);
  return new File([ogg], `${name}.ogg`, { type: "audio/ogg" });
}
