// One line over every page: the lost server, a role that is missing, else the channels that need somebody.
import { IconAlertTriangle, IconUserQuestion, IconWifi, IconWifiOff } from "@tabler/icons-react";
import { Link } from "wouter";
import { useChannels } from "../api/queries";
import { useTimes } from "../i18n/times";
import { useWords } from "../i18n/words";
import { needsPeople } from "../status/look";
import { useAdministrators } from "./AskWho";
import { useAccess } from "./access";
import type { LinkSeen } from "./useLive";

const NAMED = 4;

export function Strip({ link, since }: LinkSeen) {
  const { t } = useWords();
  const { isWindow } = useAccess();
  const { clock } = useTimes();
  const { data: channels = [] } = useChannels();
  const who = useAdministrators();
  if (link === "lost") {
    const at = clock(new Date(since).toISOString());
    return (
      <div className="strip tone-stop" role="alert">
        <IconWifiOff size={18} aria-hidden />
        {t("strip.lost", { at })}
      </div>
    );
  }
  if (link === "barred") {
    return (
      <div className="strip tone-act" role="alert">
        <IconUserQuestion size={18} aria-hidden />
        {t("strip.barred", { who })}
      </div>
    );
  }
  if (link === "back") {
    return (
      <div className="strip tone-ok" role="status">
        <IconWifi size={18} aria-hidden />
        {t("strip.back")}
      </div>
    );
  }
  const needy = channels.filter(needsPeople);
  if (needy.length === 0 || isWindow) return <div className="strip-none" />;
  return (
    <div className="strip tone-act" role="status">
      <IconAlertTriangle size={18} aria-hidden />
      <strong>
        <Link href="/channels">{t("strip.need", { count: needy.length })}</Link>
      </strong>
      <span className="strip-names">
        {needy.slice(0, NAMED).map((channel) => (
          <Link key={channel.id} href={`/channels/${channel.id}`}>
            {channel.name} — {channel.status.title}
          </Link>
        ))}
        {needy.length > NAMED && (
          <Link href="/channels">{t("strip.more", { count: needy.length - NAMED })}</Link>
        )}
      </span>
    </div>
  );
}
