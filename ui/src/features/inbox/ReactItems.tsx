// The short list of emojis at the head of a message's menu, and the way to all others.
import { Menu } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import type { Message } from "../../api/client";
import { useWords } from "../../i18n/words";
import { ownOf, QUICK } from "./reactions";

interface Props {
  readonly message: Message;
  readonly onChoose: (emoji: string) => void;
  readonly onOther: () => void;
}

export function ReactItems({ message, onChoose, onOther }: Props) {
  const { t } = useWords();
  const own = ownOf(message);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has no place in a menu
    <div className="react-items" role="group" aria-label={t("reaction.label")}>
      {QUICK.map((emoji) => (
        <Menu.Item
          key={emoji}
          data-own={emoji === own || undefined}
          aria-label={t(emoji === own ? "reaction.remove" : "reaction.add", { emoji })}
          onClick={() => onChoose(emoji)}
        >
          {emoji}
        </Menu.Item>
      ))}
      <Menu.Item aria-label={t("reaction.other")} title={t("reaction.other")} onClick={onOther}>
        <IconPlus size={18} aria-hidden />
      </Menu.Item>
    </div>
  );
}
