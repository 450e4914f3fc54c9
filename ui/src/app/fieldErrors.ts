// Where in a form a complaint of the server belongs.
import { useEffect } from "react";
import { Problem } from "../api/client";
import { useExplanation } from "./complaints";
import { explainedAtField } from "./explained";

/**
 * What is wrong with a field; nothing when it is about another one. What is about none of `fields` is
 * told at the last of them, which stands next to the button.
 */
export function useFieldErrors(error: unknown, fields: readonly string[]) {
  const explain = useExplanation();
  const met = error instanceof Problem ? (error.field ?? error.errors[0]?.field) : undefined;
  const isHere = met !== undefined && fields.includes(met);
  const at = isHere ? met : fields.at(-1);
  useEffect(() => {
    if (error !== null && error !== undefined) goToWhatIsWrong();
  }, [error]);
  return (field: string): string | undefined => {
    if (error === null || error === undefined || field !== at) return undefined;
    return isHere && error instanceof Problem ? explainedAtField(error) : explain(error);
  };
}

/** A field for a password says so in a way of its own. */
const WRONG = "form [aria-invalid='true'], form [data-invalid='true']";

/** In a long form it may have been scrolled out of sight. */
function goToWhatIsWrong() {
  const field = document.querySelector<HTMLElement>(WRONG);
  field?.focus({ preventScroll: true });
  field?.scrollIntoView({ block: "center" }); // At the edge a dialog's own head would cover it.
}
