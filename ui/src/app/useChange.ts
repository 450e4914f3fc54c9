// A change of something on the server; what is shown of it is read again after it.
import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { useComplaint } from "./complaints";

export function useChange<Wanted, Answer>(
  shown: QueryKey,
  change: (wanted: Wanted) => Promise<Answer>,
) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => cache.invalidateQueries({ queryKey: shown }),
    onError: useComplaint(),
  });
}
