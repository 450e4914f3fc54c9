// Two soft notes, made on the spot: no file, and nothing to fetch while the server is away.
let speaker: AudioContext | null = null;

/** Browsers let a page sound only after somebody has touched it, so the first touch wakes the speaker. */
export function wakeSpeaker(): void {
  speaker ??= new AudioContext();
  if (speaker.state === "suspended") void speaker.resume();
}

export function wakeSpeakerOnTouch(): () => void {
  const touch = { once: true, capture: true } as const;
  document.addEventListener("pointerdown", wakeSpeaker, touch);
  document.addEventListener("keydown", wakeSpeaker, touch);
  return () => {
    document.removeEventListener("pointerdown", wakeSpeaker, touch);
    document.removeEventListener("keydown", wakeSpeaker, touch);
  };
}

const NOTES = [660, 880] as const;
const SECONDS = 0.16;

export function ring(): void {
  if (speaker === null || speaker.state !== "running") return;
  const now = speaker.currentTime;
  for (const [n, pitch] of NOTES.entries()) {
    const voice = speaker.createOscillator();
    const loudness = speaker.createGain();
    const at = now + n * SECONDS;
    voice.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.0001, at);
    loudness.gain.exponentialRampToValueAtTime(0.12, at + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, at + SECONDS);
    voice.connect(loudness).connect(speaker.destination);
    voice.start(at);
    voice.stop(at + SECONDS);
  }
}
