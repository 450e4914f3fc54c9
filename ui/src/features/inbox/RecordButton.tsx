// The microphone of the composer, and the line that says that it is on.
import { ActionIcon } from "@mantine/core";
import { IconMicrophone, IconPlayerStopFilled } from "@tabler/icons-react";
import { useWords } from "../../i18n/words";
import { timeText } from "./recording";
import type { Recorder } from "./useRecorder";

export function RecordButton({ recorder, isOff }: { recorder: Recorder; isOff: boolean }) {
  const { t } = useWords();
  const isOn = recorder.seconds !== null;
  const Sign = isOn ? IconPlayerStopFilled : IconMicrophone;
  return (
    <ActionIcon
      className="composer-mic"
      data-on={isOn || undefined}
      variant={isOn ? "filled" : "subtle"}
      color={isOn ? undefined : "gray"}
      size={42}
      disabled={isOff && !isOn}
      aria-label={t(isOn ? "record.keep" : "record.start")}
      onClick={isOn ? recorder.keep : recorder.start}
    >
      <Sign size={22} aria-hidden />
    </ActionIcon>
  );
}

export function RecordingLine({ recorder }: { recorder: Recorder }) {
  const { t } = useWords();
  if (recorder.seconds === null) return null;
  return (
    <div className="recording">
      <span className="recording-dot" aria-hidden />
      <span role="status">{t("record.on")}</span>
      <span role="timer" className="voice-time">
        {timeText(recorder.seconds)}
      </span>
      <button type="button" className="link" onClick={recorder.drop}>
        {t("record.drop")}
      </button>
    </div>
  );
}
