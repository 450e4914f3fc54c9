// Emoji for the composer. The picker and its names are fetched when they are first asked for.
import { ActionIcon, Loader, Popover } from "@mantine/core";
import { IconMoodSmile } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { useWords } from "../../i18n/words";

const EmojiPanel = lazy(() => import("./EmojiPanel"));

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
        <Suspense fallback={<Loader aria-label={t("composer.emoji")} />}>
          <EmojiPanel
            onChoose={(emoji) => {
              setOpen(false);
              onChoose(emoji);
            }}
          />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
