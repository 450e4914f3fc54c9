// Says on the tab itself that something waits: a count in the title, a dot on its sign.
import { useEffect } from "react";
import { useChannels, useChatCount } from "../api/queries";
import { needsPeople } from "../status/look";

export function useAttention(): void {
  const { data: channels = [] } = useChannels();
  const { data: chats } = useChatCount();
  const unanswered = chats?.unanswered ?? 0;
  const needy = channels.filter(needsPeople).length;
  useEffect(() => {
    const counted = unanswered > 0 ? `(${unanswered}) ` : "";
    document.title = `${counted}${needy > 0 ? "⚠ " : ""}Houston`;
    drawSign(needy > 0 ? "#d13438" : unanswered > 0 ? "#d9660b" : null);
  }, [unanswered, needy]);
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
