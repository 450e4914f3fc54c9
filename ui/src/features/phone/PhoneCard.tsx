// One phone: what lies in one's pocket, and what can go wrong with it.
import { Button, Switch } from "@mantine/core";
import {
  IconBan,
  IconDeviceDesktopShare,
  IconLogout,
  IconPlaneTilt,
  IconQrcode,
} from "@tabler/icons-react";
import { api, asked, type Channel } from "../../api/client";
import { useComplaint } from "../../app/complaints";
import { phoneText } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { StatusAction } from "../../status/StatusAction";
import { StatusBadge } from "../../status/StatusBadge";
import { useSim, useSimPhones } from "./sim";

/** More often than Houston takes a number back by itself. */
const STUBBORN_TIMES = 5;
const BAN_SECONDS = 60;

export function PhoneCard({ channel }: { channel: Channel }) {
  const { t } = useWords();
  const { data: phones = [] } = useSimPhones();
  const phone = phones.find((one) => one.phone === channel.phone);
  const sim = useSim();
  const complain = useComplaint();
  const play = (what: string, body?: unknown) =>
    sim.mutate({ path: `/phones/${channel.phone}/${what}`, body });
  const scan = async () => {
    try {
      const path = { channel_id: channel.id };
      const code = await asked(api.GET("/api/v1/channels/{channel_id}/qr", { params: { path } }));
      play(code.way === "code" ? "enter-code" : "scan", { code: code.code });
    } catch (error) {
      complain(error);
    }
  };
  const isOnline = phone?.online ?? true;
  return (
    <article className="phone" data-phone={channel.phone}>
      <header>
        <h2>{channel.name}</h2>
        <p className="hint">{phoneText(channel.phone)}</p>
        <StatusBadge channel={channel} />
        <StatusAction channel={channel} isQuiet />
      </header>
      <div className="phone-screen">
        <Switch
          label={t("phone.airplane")}
          checked={!isOnline}
          onChange={() => play(isOnline ? "offline" : "online")}
          thumbIcon={<IconPlaneTilt size={12} color="#333" aria-hidden />}
          size="md"
        />
        <Button
          variant="default"
          leftSection={<IconQrcode size={18} aria-hidden />}
          onClick={() => void scan()}
          disabled={channel.status.code !== "SCAN_QR"}
        >
          {t("phone.scan")}
        </Button>
        <Button
          variant="default"
          leftSection={<IconDeviceDesktopShare size={18} aria-hidden />}
          onClick={() => play("open-elsewhere", { stubborn_times: 0 })}
          disabled={!phone?.paired}
        >
          {t("phone.elsewhere")}
        </Button>
        <Button
          variant="default"
          leftSection={<IconDeviceDesktopShare size={18} aria-hidden />}
          onClick={() => play("open-elsewhere", { stubborn_times: STUBBORN_TIMES })}
          disabled={!phone?.paired}
        >
          {t("phone.stubborn")}
        </Button>
        <Button
          variant="default"
          leftSection={<IconLogout size={18} aria-hidden />}
          onClick={() => play("log-out-all")}
          disabled={!phone?.paired}
        >
          {t("phone.logOutAll")}
        </Button>
        <Button
          variant="default"
          leftSection={<IconBan size={18} aria-hidden />}
          onClick={() => play("ban", { seconds: phone?.banned ? 0 : BAN_SECONDS })}
          disabled={!phone?.paired}
        >
          {phone?.banned ? t("phone.unban") : t("phone.ban")}
        </Button>
      </div>
    </article>
  );
}
