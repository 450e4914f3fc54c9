// Emoji for the composer.
import { ActionIcon, Popover } from "@mantine/core";
import { IconMoodSmile } from "@tabler/icons-react";
import { useState } from "react";
import { useWords } from "../../i18n/words";
import { Emojis } from "./Emojis";

export function EmojiButton({ onChoose }: { onChoose: (emoji: string) => void }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  return (
    <Popover
      opened={open}
      onChange={setOpen}
      position="top-start"
      withinPortal
      trapFocus
      returnFocus={false}
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={42}
          aria-label={t("composer.emoji")}
          onClick={() => setOpen(!open)}
        >
          <IconMoodSmile size={22} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown p={8} bg="var(--surface)" aria-label={t("composer.emoji")}>
        <Emojis
          name={t("composer.emoji")}
          onChoose={(emoji) => {
            setOpen(false);
            onChoose(emoji);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}
