// What went wrong, told in a corner until it is read: what happened and what helps.
import { CloseButton } from "@mantine/core";
import { createContext, type ReactNode, useCallback, useContext, useState } from "react";
import { Problem } from "../api/client";
import { useWords } from "../i18n/words";
import { explained } from "./explained";

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly isGood: boolean;
}

const Tell = createContext<(text: string, isGood: boolean) => void>(() => {});
const SHOWN_MS = 8_000;
let lastId = 0;

export function Complaints({ children }: { children: ReactNode }) {
  const { t } = useWords();
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const drop = useCallback((id: number) => {
    setToasts((all) => all.filter((one) => one.id !== id));
  }, []);
  const tell = useCallback(
    (text: string, isGood: boolean) => {
      lastId += 1;
      const toast = { id: lastId, text, isGood };
      setToasts((all) => [...all.slice(-2), toast]);
      setTimeout(() => drop(toast.id), SHOWN_MS);
    },
    [drop],
  );
  return (
    <Tell.Provider value={tell}>
      {children}
      <div className="toasts" role="status">
        {toasts.map(({ id, text, isGood }) => (
          <div key={id} className={`toast tone-${isGood ? "ok" : "stop"}`}>
            <span>{text}</span>
            <CloseButton size="sm" aria-label={t("close")} onClick={() => drop(id)} />
          </div>
        ))}
      </div>
    </Tell.Provider>
  );
}

export function useComplaint(): (error: unknown) => void {
  const tell = useContext(Tell);
  const explain = useExplanation();
  return useCallback((error) => tell(explain(error), false), [tell, explain]);
}

export function usePraise(): (text: string) => void {
  const tell = useContext(Tell);
  return useCallback((text) => tell(text, true), [tell]);
}

/** What an error means to a person. */
export function useExplanation(): (error: unknown) => string {
  const { t } = useWords();
  return useCallback(
    (error) => {
      if (!(error instanceof Problem)) return t("error.unreachable");
      return explained(error, t);
    },
    [t],
  );
}
