// Something to listen to: its shape, how much is left, and how fast it is played.
import { ActionIcon } from "@mantine/core";
import { IconPlayerPauseFilled, IconPlayerPlayFilled } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useSpeed } from "../../app/preferences";
import { useTimes } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { shapeAt, speedAfter, timeText } from "./recording";

export function Voice({ href, name }: { href: string; name: string }) {
  const { t } = useWords();
  const { number } = useTimes();
  const audio = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [seconds, setSeconds] = useState(0);
  const [speed, setSpeed] = useSpeed();
  useEffect(() => {
    if (audio.current !== null) audio.current.playbackRate = speed;
  }, [speed]);
  const press = () => {
    if (audio.current === null) return;
    audio.current.playbackRate = speed;
    if (playing) audio.current.pause();
    else void audio.current.play();
  };
  const seek = (to: number) => {
    if (audio.current !== null) audio.current.currentTime = to;
    setAt(to);
  };
  const Sign = playing ? IconPlayerPauseFilled : IconPlayerPlayFilled;
  return (
    <div className="voice">
      {/* biome-ignore lint/a11y/useMediaCaption: what people send each other has none */}
      <audio
        ref={audio}
        src={href}
        preload="metadata"
        aria-label={name}
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onTimeUpdate={({ currentTarget }) => setAt(currentTarget.currentTime)}
        onDurationChange={({ currentTarget }) => setSeconds(known(currentTarget.duration))}
        onEnded={() => seek(0)}
      />
      <ActionIcon
        size={40}
        radius="xl"
        aria-label={t(playing ? "voice.pause" : "voice.play")}
        onClick={press}
      >
        <Sign size={18} aria-hidden />
      </ActionIcon>
      <div className="voice-line">
        <Shape href={href} heard={seconds > 0 ? at / seconds : 0} />
        <input
          type="range"
          min={0}
          max={Math.max(seconds, 0.1)}
          step={0.1}
          value={at}
          aria-label={t("voice.place")}
          aria-valuetext={timeText(at)}
          onChange={({ currentTarget }) => seek(currentTarget.valueAsNumber)}
        />
      </div>
      <span className="voice-time">{timeText(at > 0 ? at : seconds)}</span>
      <button
        type="button"
        className="voice-speed"
        aria-label={t("voice.speed", { speed })}
        onClick={() => setSpeed(speedAfter(speed))}
      >
        {number(speed)}×
      </button>
    </div>
  );
}

/** How loud it is from beginning to end. What cannot be read so has a plain line. */
function Shape({ href, heard }: { href: string; heard: number }) {
  const { data: bars } = useQuery({
    queryKey: ["shape", href],
    queryFn: () => shapeAt(href),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  if (bars == null) return <progress value={heard} max={1} aria-hidden />;
  return (
    <svg viewBox={`0 0 ${bars.length * 4} 32`} preserveAspectRatio="none" aria-hidden>
      {bars.map((height, n) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: bars of one file never move
          key={n}
          x={n * 4}
          y={16 - height * 15}
          width={2.4}
          height={height * 30}
          rx={1.2}
          data-heard={n / bars.length < heard || undefined}
        />
      ))}
    </svg>
  );
}

/** Of a stream without an end, browsers say that it is endless. */
function known(seconds: number): number {
  return Number.isFinite(seconds) ? seconds : 0;
}
