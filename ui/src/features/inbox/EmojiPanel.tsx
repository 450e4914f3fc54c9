// All emoji by group, found by their names in the reader's language; from this server alone.
import {
  type EmojiData,
  EmojiPicker,
  type EmojiPickerListEmojiProps,
  type EmojiPickerListRowProps,
} from "frimousse";
import type { Language } from "../../i18n/words";
import { useWords } from "../../i18n/words";

const COLUMNS = 8;

/** In the languages in which the console has words. */
const english = () => import("virtual:emoji/en");
const NAMES: Record<Language, typeof english> = {
  en: english,
  ru: () => import("virtual:emoji/ru"),
  es: english,
  pt: english,
};

export default function EmojiPanel({ onChoose }: { onChoose: (emoji: string) => void }) {
  const { t, language } = useWords();
  return (
    <EmojiPicker.Root
      className="emoji"
      locale={language}
      columns={COLUMNS}
      resolveEmojiData={() => dataIn(language)}
      onEmojiSelect={({ emoji }) => onChoose(emoji)}
    >
      <EmojiPicker.Search
        className="emoji-search"
        aria-label={t("emoji.search")}
        placeholder={t("emoji.search")}
        data-autofocus
      />
      <EmojiPicker.Viewport className="emoji-viewport">
        <EmojiPicker.Empty className="emoji-none">{t("inbox.nothingFound")}</EmojiPicker.Empty>
        <EmojiPicker.List className="emoji-list" components={{ Row, Emoji }} />
      </EmojiPicker.Viewport>
    </EmojiPicker.Root>
  );
}

/** The picker counts rows and columns from zero, which screen readers do not; until a version of it counts right. */
const fromOne = (index: number | undefined) => (index === undefined ? undefined : index + 1);

function Row(props: EmojiPickerListRowProps) {
  const counted = { ...props, "aria-rowindex": fromOne(props["aria-rowindex"]) };
  return <div {...counted} />;
}

function Emoji({ emoji, ...props }: EmojiPickerListEmojiProps) {
  const counted = { ...props, "aria-colindex": fromOne(props["aria-colindex"]) };
  return (
    <button type="button" {...counted}>
      {emoji.emoji}
    </button>
  );
}

async function dataIn(language: Language): Promise<EmojiData> {
  const { categories, emoji } = (await NAMES[language]()).default;
  return {
    locale: language,
    categories: [...categories],
    emojis: emoji.map(([one, category, label, tags]) => ({
      emoji: one,
      category,
      label,
      tags: tags.split(" "),
      version: 1,
      countryFlag: undefined,
      skins: undefined,
    })),
    skinTones: { dark: "", light: "", medium: "", "medium-dark": "", "medium-light": "" },
  };
}
