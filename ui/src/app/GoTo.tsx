// Ctrl+K: to any page, channel or chat by a few letters.
import { useMantineColorScheme } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { api, asked } from "../api/client";
import { useChannels } from "../api/queries";
import { phoneText } from "../i18n/times";
import { useWords } from "../i18n/words";
import { Dialog } from "./Dialog";
import { found, type Goal } from "./goto";
import { usePlaces } from "./Rail";
import { useArrows } from "./useArrows";

const MOST = 12;
const CHATS = 8;
const TYPING_MS = 150;

export default function GoTo({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const [words, setWords] = useState("");
  const goals = [...found(useGoals(), words, MOST), ...useChatGoals(words)];
  const reach = (goal: Goal | undefined) => {
    if (goal === undefined) return;
    onClose();
    goal.go();
  };
  const arrows = useArrows(goals.length, words, { Enter: (active) => reach(goals[active]) });
  return (
    <Dialog title={t("goTo.title")} size={620} onClose={onClose}>
      <input
        className="goto-field"
        value={words}
        onChange={({ currentTarget }) => setWords(currentTarget.value)}
        onKeyDown={arrows.press}
        placeholder={t("goTo.title")}
        aria-label={t("goTo.title")}
        aria-autocomplete="list"
        aria-controls="goto-list"
        aria-activedescendant={goals.length > 0 ? `goto-${arrows.active}` : undefined}
        data-autofocus
      />
      <div className="goto-list" id="goto-list" role="listbox" aria-label={t("goTo.title")}>
        {goals.map((goal, row) => (
          <Option
            key={goal.id}
            goal={goal}
            id={`goto-${row}`}
            isActive={row === arrows.active}
            onChoose={() => reach(goal)}
          />
        ))}
      </div>
      {goals.length === 0 && <p className="empty">{t("inbox.nothingFound")}</p>}
    </Dialog>
  );
}

function Option(props: { goal: Goal; id: string; isActive: boolean; onChoose: () => void }) {
  const { t } = useWords();
  const { goal, id, isActive, onChoose } = props;
  const here = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isActive) here.current?.scrollIntoView({ block: "nearest" });
  }, [isActive]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field above hears the keys
    <div
      id={id}
      ref={here}
      role="option"
      tabIndex={-1}
      aria-selected={isActive}
      className="goto-option"
      onClick={onChoose}
    >
      <span className="one-line">{goal.name}</span>
      <span className="hint one-line">{goal.more}</span>
      <span className="hint">{t(`goTo.${goal.kind}`)}</span>
    </div>
  );
}

function useGoals(): readonly Goal[] {
  const { t } = useWords();
  const [, goTo] = useLocation();
  const { data: channels = [] } = useChannels();
  const { setColorScheme } = useMantineColorScheme();
  const pages = usePlaces().map(
    ({ path, word }): Goal => ({
      id: path,
      kind: "page",
      name: t(word),
      more: "",
      go: () => goTo(path),
    }),
  );
  const numbers = channels.map(
    ({ id, name, phone, status }): Goal => ({
      id,
      kind: "channel",
      name,
      more: `${phoneText(phone)} · ${status.title}`,
      go: () => goTo(`/channels/${id}`),
    }),
  );
  const colours = (["light", "dark", "auto"] as const).map(
    (scheme): Goal => ({
      id: scheme,
      kind: "colours",
      name: `${t("settings.colours")}: ${t(`settings.colours.${scheme}`)}`,
      more: "",
      go: () => setColorScheme(scheme),
    }),
  );
  return [...pages, ...numbers, ...colours];
}

/** Chats are too many to hold: the server looks for them. */
function useChatGoals(words: string): readonly Goal[] {
  const [, goTo] = useLocation();
  const [q] = useDebouncedValue(words.trim(), TYPING_MS);
  const { data = [] } = useQuery({
    queryKey: ["chats", "goals", q],
    queryFn: () => asked(api.GET("/api/v1/chats", { params: { query: { q, limit: CHATS } } })),
    enabled: q !== "",
    placeholderData: keepPreviousData,
  });
  if (words.trim() === "") return [];
  return data.map(({ id, name, phone, last_message }) => ({
    id,
    kind: "chat",
    name: name ?? phoneText(phone),
    more: name === null ? (last_message?.text ?? "") : phoneText(phone),
    go: () => goTo(`/inbox/${id}`),
  }));
}
