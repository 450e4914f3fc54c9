// When this browser may call its reader, for what, and whether it may be heard.
import { Button, SegmentedControl, Switch } from "@mantine/core";
import { useState } from "react";
import { useLocation } from "wouter";
import type { Wishes } from "../../app/alerts";
import { useLetterKeys, useWishes } from "../../app/preferences";
import { ring, wakeSpeaker } from "../../app/sound";
import { show } from "../../app/useAlerts";
import { useWords } from "../../i18n/words";

const CHATS = ["none", "mine", "all"] as const;

export function AttentionCard() {
  const { t } = useWords();
  const [wishes, setWishes] = useWishes();
  const [letters, setLetters] = useLetterKeys();
  const [refused, setRefused] = useState(false);
  const [, goTo] = useLocation();
  const wish = async (change: Partial<Wishes>) => {
    const next = { ...wishes, ...change };
    const calls = next.channels || next.chats !== "none";
    const allowed = !calls || (await isAllowed());
    setRefused(!allowed);
    if (allowed) setWishes(next);
  };
  const tryIt = () => {
    show({ title: t("settings.alerts.trial"), body: "", path: "/inbox" }, goTo);
    if (wishes.sound) ring();
  };
  const calls = wishes.channels || wishes.chats !== "none";
  return (
    <section className="card">
      <h2>{t("settings.attention")}</h2>
      <p className="hint">{t("settings.alerts.hint")}</p>
      <div>
        <p className="label">{t("settings.alerts.chats")}</p>
        <SegmentedControl
          aria-label={t("settings.alerts.chats")}
          value={wishes.chats}
          onChange={(chats) => void wish({ chats: chats as Wishes["chats"] })}
          data={CHATS.map((value) => ({ value, label: t(`settings.alerts.chats.${value}`) }))}
        />
      </div>
      <Switch
        checked={wishes.channels}
        onChange={({ currentTarget }) => void wish({ channels: currentTarget.checked })}
        label={t("settings.alerts.channels")}
      />
      <Switch
        checked={wishes.sound}
        onChange={({ currentTarget }) => {
          wakeSpeaker();
          void wish({ sound: currentTarget.checked });
        }}
        label={t("settings.alerts.sound")}
      />
      {refused && <p role="alert">{t("settings.alerts.refused")}</p>}
      {calls && (
        <Button variant="default" size="sm" className="hugging" onClick={tryIt}>
          {t("settings.alerts.try")}
        </Button>
      )}
      <Switch
        checked={letters}
        onChange={({ currentTarget }) => setLetters(currentTarget.checked)}
        label={t("keys.letters")}
      />
    </section>
  );
}

/** Browsers without notifications, and pages without https, allow none. */
async function isAllowed(): Promise<boolean> {
  return "Notification" in window && (await Notification.requestPermission()) === "granted";
}
