// Whose chat it is, and giving it to somebody.
import { Button, Select } from "@mantine/core";
import type { Chat } from "../../api/client";
import { useColleagues } from "../../api/queries";
import { useAccess } from "../../app/access";
import { useWords } from "../../i18n/words";
import { useMark } from "./mark";

const NOBODY = "";

export function Owner({ chat }: { chat: Chat }) {
  const { t } = useWords();
  const { may, session } = useAccess();
  const mark = useMark(chat);
  const { data: colleagues = [] } = useColleagues();
  const isMine = chat.owner_id === session.person_id;
  const owner = colleagues.find(({ id }) => id === chat.owner_id)?.name;
  if (!may("steer", chat.channel_id)) {
    const words = chat.owner_id === null ? "side.nobodys" : "side.colleagues";
    const whose = owner === undefined ? t(words) : t("side.of", { name: owner });
    return <p>{isMine ? t("side.mine") : whose}</p>;
  }
  const named = ({ id, name }: (typeof colleagues)[number]) => ({
    value: id,
    label: id === session.person_id ? t("side.me", { name }) : name,
  });
  return (
    <div className="owner">
      <Select
        size="sm"
        label={t("side.whose")}
        value={chat.owner_id ?? NOBODY}
        data={[{ value: NOBODY, label: t("side.nobody") }, ...colleagues.map(named)]}
        onChange={(id) => mark.mutate({ owner_id: id === NOBODY ? null : id })}
        allowDeselect={false}
        disabled={mark.isPending}
        data-autofocus
      />
      {!isMine && (
        <Button
          variant="default"
          size="sm"
          loading={mark.isPending}
          onClick={() => mark.mutate({ owner_id: session.person_id })}
        >
          {t("side.take")}
        </Button>
      )}
    </div>
  );
}
