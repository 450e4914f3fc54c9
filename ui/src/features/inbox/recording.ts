// The shape of a recording, and how fast it is played.
import type { Speed } from "../../app/preferences";

const SPEEDS: readonly Speed[] = [1, 1.5, 2];
const BARS = 44;
const BYTES_MAX = 3 * 1024 * 1024; // Of what is longer than a voice note nobody looks at the shape.
const LOW = 0.06; // Silence, too, is drawn.

export function speedAfter(speed: Speed): Speed {
  return SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length] ?? 1;
}

/** 1:05 */
export function timeText(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${`${whole % 60}`.padStart(2, "0")}`;
}

/** How loud each part is, from 0 to 1, against the loudest. */
export function barsOf(samples: Float32Array, bars = BARS): number[] {
  const each = Math.max(1, Math.floor(samples.length / bars));
  const loud = Array.from({ length: bars }, (_, n) => loudness(samples, n * each, each));
  const most = Math.max(...loud);
  return loud.map((one) => (most === 0 ? LOW : Math.max(LOW, one / most)));
}

function loudness(samples: Float32Array, from: number, length: number): number {
  const until = Math.min(from + length, samples.length);
  let sum = 0;
  for (let n = from; n < until; n += 1) sum += (samples[n] ?? 0) ** 2;
  return Math.sqrt(sum / Math.max(1, until - from));
}

/** Null for what is too long, or in a form that this browser does not read. */
export async function shapeAt(href: string): Promise<number[] | null> {
  const answer = await fetch(href);
  if (!answer.ok || Number(answer.headers.get("content-length")) > BYTES_MAX) {
    await answer.body?.cancel();
    return null;
  }
  const reader = new OfflineAudioContext(1, 1, 8_000); // So few samples a second are plenty for bars.
  const sound = await reader.decodeAudioData(await answer.arrayBuffer()).catch(() => null);
  return sound === null ? null : barsOf(sound.getChannelData(0));
}
