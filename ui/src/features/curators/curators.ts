// Curators as the page reads and changes them.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { names } from "../../api/cache";
import { api, asked, type Schemas } from "../../api/client";
import { useComplaint } from "../../app/complaints";

export type Curator = Schemas["CuratorView"];
export type Wishes = Schemas["Wishes"];
export type Want = Schemas["Want"];

export const WANTS: readonly Want[] = ["statuses", "balance", "integrations"];

const ALL = ["curators"] as const;

export function useCurators(enabled: boolean) {
  return useQuery({
    queryKey: ALL,
    queryFn: () => asked(api.GET("/api/v1/curators")),
    enabled,
  });
}

export function useNotices(curator: string) {
  return useQuery({
    queryKey: [...ALL, curator, "notices"],
    queryFn: () =>
      asked(
        api.GET("/api/v1/curators/{curator_id}/notices", {
          params: { path: { curator_id: curator } },
        }),
      ),
    refetchInterval: 3_000, // No fact tells of a notice that went out.
  });
}

export function useKeepCurator(known: Curator | null, onKept: () => void) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: Wishes) =>
      known === null
        ? asked(api.POST("/api/v1/curators", { body }))
        : asked(
            api.PATCH("/api/v1/curators/{curator_id}", {
              params: { path: { curator_id: known.id } },
              body,
            }),
          ),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: ALL });
      void cache.invalidateQueries({ queryKey: names.channels }); // They say how many are told.
      onKept();
    },
  });
}

export function useRemoveCurator() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      asked(api.DELETE("/api/v1/curators/{curator_id}", { params: { path: { curator_id: id } } })),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: ALL });
      void cache.invalidateQueries({ queryKey: names.channels });
    },
    onError: useComplaint(),
  });
}

export function useTestCurator(onSent: () => void) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      asked(
        api.POST("/api/v1/curators/{curator_id}/test", { params: { path: { curator_id: id } } }),
      ),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: ALL });
      onSent();
    },
    onError: useComplaint(),
  });
}
