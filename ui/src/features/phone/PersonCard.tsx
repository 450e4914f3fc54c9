// A customer with a phone of their own: writes to a channel and sees exactly what reached them.
import { Button, Select, TextInput } from "@mantine/core";
import { IconSend2 } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import type { Channel } from "../../api/client";
import { phoneText, useTimes } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { useSim, useSimTalk } from "./sim";

const PEOPLE = ["79161234567", "79161234568", "79161234569", "79161234570"];

export function PersonCard({ channels }: { channels: readonly Channel[] }) {
  const { t } = useWords();
  const { clock } = useTimes();
  const [person, setPerson] = useState(PEOPLE[0] ?? "");
  const [channel, setChannel] = useState(channels[0]?.phone ?? "");
  const { data: talk = [] } = useSimTalk(person, channel);
  const sim = useSim();
  const say = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const text = `${new FormData(form).get("text")}`.trim();
    if (text === "") return;
    sim.mutate({ path: `/people/${person}/say`, body: { to: channel, text } });
    form.reset();
  };
  return (
    <article className="phone person">
      <header>
        <h2>{t("phone.person")}</h2>
        <Select
          aria-label={t("phone.whoWrites")}
          value={person}
          onChange={(value) => setPerson(value ?? person)}
          data={PEOPLE.map((value) => ({ value, label: phoneText(value) }))}
          allowDeselect={false}
        />
        <Select
          aria-label={t("phone.toWhom")}
          value={channel}
          onChange={(value) => setChannel(value ?? channel)}
          data={channels.map(({ phone, name }) => ({ value: phone, label: `→ ${name}` }))}
          allowDeselect={false}
        />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div className="phone-talk" role="log" aria-label={t("phone.talk")} tabIndex={0}>
        <div className="log-lines">
          {talk.map((one) => (
            <p key={`${one.isOwn}${one.id}`} className={one.isOwn ? "bubble own" : "bubble"}>
              {one.text ?? t("message.file")} <small className="hint">{clock(one.at)}</small>
            </p>
          ))}
        </div>
      </div>
      <form onSubmit={say} className="phone-say">
        <TextInput
          name="text"
          aria-label={t("phone.say")}
          placeholder={t("phone.say")}
          autoComplete="off"
        />
        <Button type="submit" aria-label={t("composer.send")} variant="default">
          <IconSend2 size={18} aria-hidden />
        </Button>
      </form>
    </article>
  );
}
