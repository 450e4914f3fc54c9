// Keys that work on every page, and the list of all of them behind `?`.
import { Modal, Switch } from "@mantine/core";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { type Key, useWords } from "../i18n/words";
import { useLetterKeys } from "./preferences";

const GoTo = lazy(() => import("./GoTo"));

const PAGES: Readonly<Record<string, string>> = {
  i: "/inbox",
  c: "/channels",
  u: "/curators",
  b: "/balance",
  m: "/integrations",
  w: "/webhooks",
  p: "/people",
  s: "/settings",
};
const KEYS: readonly (readonly [string, Key])[] = [
  ["/", "keys.search"],
  ["J, Alt ↓", "keys.next"],
  ["K, Alt ↑", "keys.previous"],
  ["Alt N", "keys.nextUnanswered"],
  ["Alt R", "keys.noReply"],
  ["Alt O", "side.whose"],
  ["Enter", "keys.send"],
  ["Shift Enter", "keys.line"],
  ["Esc", "keys.back"],
  ["/ …", "keys.template"],
  ["Ctrl K", "keys.anywhere"],
  ["G I, G C, G U, G B, G M, G W, G P, G S", "keys.goTo"],
  ["?", "keys.list"],
];
const CHORD_MS = 1_200;

/** Whether somebody is writing: then letters are letters. */
export function isWriting(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

export function KeyMap() {
  const [open, setOpen] = useState(false);
  const [letters] = useLetterKeys();
  const [, goTo] = useLocation();
  const chord = useRef(0);
  const [going, setGoing] = useState(false);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.code === "KeyK") {
        event.preventDefault();
        setGoing(true);
        return;
      }
      if (isWriting(event) || event.ctrlKey || event.metaKey || event.altKey || !letters) return;
      const isSecond = Date.now() - chord.current < CHORD_MS;
      chord.current = event.code === "KeyG" ? Date.now() : 0;
      const page = isSecond ? PAGES[event.code.slice(-1).toLowerCase()] : undefined;
      if (event.key === "?") setOpen(true);
      else if (page !== undefined) goTo(page);
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [letters, goTo]);
  return (
    <>
      <Suspense fallback={null}>{going && <GoTo onClose={() => setGoing(false)} />}</Suspense>
      <List open={open} onClose={() => setOpen(false)} />
    </>
  );
}

function List({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useWords();
  const [letters, setLetters] = useLetterKeys();
  return (
    <Modal
      centered
      opened={open}
      onClose={onClose}
      title={t("keys.title")}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      <dl className="keys">
        {KEYS.map(([keys, word]) => (
          <div key={word}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{t(word)}</dd>
          </div>
        ))}
      </dl>
      <Switch
        checked={letters}
        onChange={({ currentTarget }) => setLetters(currentTarget.checked)}
        label={t("keys.letters")}
      />
    </Modal>
  );
}
