// The words of a message. A place and a contact are shown as what they are; nothing is fetched for them.
import { IconExternalLink, IconMapPin, IconUser } from "@tabler/icons-react";
import { useMemo } from "react";
import { useWords } from "../../i18n/words";
import { cardOf, type Person, type Place } from "./cards";
import { Linked } from "./Linked";

export function Said({ text, isGone }: { text: string; isGone: boolean }) {
  const card = useMemo(() => (isGone ? null : cardOf(text)), [text, isGone]);
  if (card?.what === "place") return <PlaceCard place={card} />;
  if (card?.what === "people")
    return card.people.map((one, n) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: two people may have one name, and none ever moves
      <PersonCard key={n} person={one} />
    ));
  return (
    <p className={isGone ? "bubble-text gone" : "bubble-text"}>
      <Linked text={text} />
    </p>
  );
}

function PlaceCard({ place }: { place: Place }) {
  const { t } = useWords();
  return (
    <div className="said-card" data-card="place">
      <span className="said-sign">
        <IconMapPin size={22} aria-hidden />
      </span>
      <div>
        <strong>{place.name || t("message.place")}</strong>
        <p className="hint">
          {place.latitude}, {place.longitude}
        </p>
        <a href={place.map} target="_blank" rel="noopener noreferrer" className="said-way">
          {t("message.map")} <IconExternalLink size={15} aria-hidden />
        </a>
      </div>
    </div>
  );
}

function PersonCard({ person }: { person: Person }) {
  const { t } = useWords();
  return (
    <div className="said-card" data-card="person">
      <span className="said-sign">
        <IconUser size={22} aria-hidden />
      </span>
      <div>
        <strong>{person.name || t("message.contact")}</strong>
        {person.numbers.map((number) => (
          <p key={number}>
            <a href={`tel:${number.replace(/[^+\d]/g, "")}`}>{number}</a>
          </p>
        ))}
      </div>
    </div>
  );
}
