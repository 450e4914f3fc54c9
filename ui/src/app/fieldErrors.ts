// Where in a form a complaint of the server belongs.
import { Problem } from "../api/client";
import { useExplanation } from "./complaints";

/**
 * What is wrong with a field; nothing when it is about another one. What is about none of `fields` is
 * told at the last of them, which stands next to the button.
 */
export function useFieldErrors(error: unknown, fields: readonly string[]) {
  const explain = useExplanation();
  const met = error instanceof Problem ? error.field : undefined;
  const at = met !== undefined && fields.includes(met) ? met : fields.at(-1);
  return (field: string): string | undefined =>
    error !== null && error !== undefined && field === at ? explain(error) : undefined;
}
