// Where one can go, and how much waits there. On a phone it lies at the bottom.
import { Menu, UnstyledButton } from "@mantine/core";
import {
  type Icon,
  IconAddressBook,
  IconBell,
  IconCreditCard,
  IconDeviceMobile,
  IconDots,
  IconInbox,
  IconPlugConnected,
  IconSettings,
  IconUsers,
  IconWebhook,
} from "@tabler/icons-react";
import { Link, useLocation } from "wouter";
import { useChannels, useChatCount } from "../api/queries";
import { type Key, useWords } from "../i18n/words";
import { needsPeople } from "../status/look";
import { type Doing, useAccess } from "./access";

interface Place {
  readonly path: string;
  readonly word: Key;
  readonly icon: Icon;
  /** null: it is everybody's. */
  readonly needs: Doing | null;
  readonly onPhone: boolean;
}

export const PLACES: readonly Place[] = [
  { path: "/inbox", word: "nav.inbox", icon: IconInbox, needs: "read", onPhone: true },
  {
    path: "/channels",
    word: "nav.channels",
    icon: IconPlugConnected,
    needs: "read",
    onPhone: true,
  },
  { path: "/curators", word: "nav.curators", icon: IconBell, needs: "read", onPhone: false },
  { path: "/balance", word: "nav.balance", icon: IconCreditCard, needs: "read", onPhone: true },
  { path: "/people", word: "nav.people", icon: IconUsers, needs: "administer", onPhone: false },
  {
    path: "/integrations",
    word: "nav.integrations",
    icon: IconAddressBook,
    needs: "set_up",
    onPhone: false,
  },
  { path: "/webhooks", word: "nav.webhooks", icon: IconWebhook, needs: "set_up", onPhone: false },
  { path: "/settings", word: "nav.settings", icon: IconSettings, needs: null, onPhone: false },
];
const PHONE: Place = {
  path: "/phone",
  word: "nav.phone",
  icon: IconDeviceMobile,
  needs: "administer",
  onPhone: false,
};

/** Where this person can go; the simulated phone is there only where WhatsApp is simulated. */
export function usePlaces(): readonly Place[] {
  const { may } = useAccess();
  const { data: channels = [] } = useChannels();
  const isSimulated = channels.some(({ transport }) => transport === "simulator");
  return [...PLACES, ...(isSimulated ? [PHONE] : [])].filter(
    ({ needs }) => needs === null || may(needs),
  );
}

export function Rail() {
  const { t } = useWords();
  const { data: channels = [] } = useChannels();
  const { data: chats } = useChatCount();
  const places = usePlaces();
  const waits: Readonly<Record<string, number>> = {
    "/inbox": chats?.unanswered ?? 0,
    "/channels": channels.filter(needsPeople).length,
  };
  return (
    <nav className="rail" aria-label={t("nav.label")}>
      {places.map((place) => (
        <RailLink key={place.path} place={place} waits={waits[place.path] ?? 0} />
      ))}
      <More places={places.filter(({ onPhone }) => !onPhone)} />
    </nav>
  );
}

function RailLink({ place, waits }: { place: Place; waits: number }) {
  const { t } = useWords();
  const [at] = useLocation();
  const { path, word, icon: Sign, onPhone } = place;
  const isHere = at === path || at.startsWith(`${path}/`);
  return (
    <Link
      href={path}
      className={onPhone ? "rail-link" : "rail-link wide-only"}
      aria-current={isHere ? "page" : undefined}
    >
      <Sign size={22} aria-hidden />
      {t(word)}
      {waits > 0 && (
        <span className="count" data-testid={`count${path}`}>
          {waits > 999 ? "999+" : waits}
        </span>
      )}
    </Link>
  );
}

function More({ places }: { places: readonly Place[] }) {
  const { t } = useWords();
  const [at, goTo] = useLocation();
  return (
    <Menu position="top-end" withinPortal>
      <Menu.Target>
        <UnstyledButton
          className="rail-link narrow-only"
          data-current={places.some(({ path }) => path === at) || undefined}
        >
          <IconDots size={22} aria-hidden />
          {t("nav.more")}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {places.map(({ path, word, icon: Sign }) => (
          <Menu.Item
            key={path}
            leftSection={<Sign size={18} aria-hidden />}
            onClick={() => goTo(path)}
          >
            {t(word)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
