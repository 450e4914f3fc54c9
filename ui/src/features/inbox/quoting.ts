// The message that the next one answers.
import { createContext, useContext } from "react";
import type { Message } from "../../api/client";

export interface Quoting {
  readonly quoted: Message | null;
  quote(message: Message | null): void;
}

export const QuotingContext = createContext<Quoting>({ quoted: null, quote: () => {} });

export function useQuoting(): Quoting {
  return useContext(QuotingContext);
}
