// The picker of emoji and its names are fetched when they are first asked for.
import { lazy, Suspense } from "react";
import { Coming } from "../../app/Coming";

const EmojiPanel = lazy(() => import("./EmojiPanel"));

export function Emojis({ name, onChoose }: { name: string; onChoose: (emoji: string) => void }) {
  return (
    <Suspense fallback={<Coming what={name} />}>
      <EmojiPanel onChoose={onChoose} />
    </Suspense>
  );
}
