// Gives the facts of the live stream to whoever wants to see them as they are.
import type { Fact } from "./stream";

type Ear = (fact: Fact) => void;

const ears = new Set<Ear>();

export function tellEars(fact: Fact): void {
  for (const ear of ears) ear(fact);
}

/** Listens until the returned function is called. */
export function hear(ear: Ear): () => void {
  ears.add(ear);
  return () => {
    ears.delete(ear);
  };
}
