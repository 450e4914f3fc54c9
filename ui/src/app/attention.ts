// Calls for attention when nobody looks: the title, a dot on the sign of the tab, a notification.
import { useEffect, useRef } from "react";
import { useChannels, useChatCount } from "../api/queries";
import { useWords } from "../i18n/words";
import { needsPeople } from "../status/look";
import { useAlerts } from "./preferences";

export function useAttention(): void {
  const { t } = useWords();
  const { data: channels = [] } = useChannels();
  const { data: chats } = useChatCount();
  const [alerts] = useAlerts();
  const unanswered = chats?.unanswered ?? 0;
  const needy = channels.filter(needsPeople);
  const before = useRef<{ unanswered: number; needy: number } | null>(null);

  useEffect(() => {
    const counted = unanswered > 0 ? `(${unanswered}) ` : "";
    document.title = `${counted}${needy.length > 0 ? "⚠ " : ""}Houston`;
    drawSign(needy.length > 0 ? "#d13438" : unanswered > 0 ? "#d9660b" : null);
  }, [unanswered, needy.length]);

  useEffect(() => {
    const last = before.current;
    before.current = { unanswered, needy: needy.length };
    if (last === null || !alerts || !document.hidden) return;
    if (needy.length > last.needy) {
      const names = needy.map((one) => `${one.name} — ${one.status.title}`);
      alertPerson(t("strip.need", { count: needy.length }), names.join("\n"));
    } else if (unanswered > last.unanswered) {
      alertPerson(t("alert.unanswered", { count: unanswered }), "");
    }
  }, [unanswered, needy, alerts, t]);
}

function alertPerson(title: string, body: string): void {
  if ("Notification" in window && Notification.permission === "granted") {
    new Notification(title, { body, tag: "houston", icon: "/favicon.svg" });
  }
}

function drawSign(dot: string | null): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (link === null) return;
  if (dot === null) {
    link.href = "/favicon.svg";
    return;
  }
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0b6b4f"/><path d="M8 23V9m16 14V9M8 16h16" stroke="#fff" stroke-width="3.4" stroke-linecap="round"/><circle cx="25" cy="7" r="7" fill="${dot}"/></svg>`;
  link.href = `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
