// A change of something on the server; what is shown of it is read again after it.
import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { useComplaint } from "./complaints";

/** Where it is told that a change was declined: in the corner, or by the form at its fields. */
export type ToldIn = "corner" | "form";

export function useChange<Wanted, Answer>(
  shown: QueryKey,
  change: (wanted: Wanted) => Promise<Answer>,
  toldIn: ToldIn = "corner",
) {
  const cache = useQueryClient();
  const complain = useComplaint();
  return useMutation({
    mutationFn: change,
    onSuccess: () => cache.invalidateQueries({ queryKey: shown }),
    onError: (error) => toldIn === "corner" && complain(error),
  });
}
