// Endpoints, their tries and what was given up, as the pages read and change them.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { names } from "../../api/cache";
import { api, asked, type Schemas } from "../../api/client";
import { useChange } from "../../app/useChange";

export type Endpoint = Schemas["EndpointView"];
export type Try = Schemas["AttemptView"];
export type Dead = Schemas["DeadLetterView"];
export type Tested = Schemas["TestView"];
export type Wanted = Schemas["NewEndpoint"];

/** The webhook of Wazzup's interface is set by its own address, so here it is only looked at. */
export const isOurs = ({ dialect }: Endpoint) => dialect === "native";

/** Wazzup's has no name of its own. */
export const nameOf = ({ name }: Endpoint) => name || "Wazzup v3";

const PER_PAGE = 50;
const LOOK_EVERY_MS = 3_000; // No fact tells of a try: it would be told as well, and so on.
const at = (id: string) => ({ path: { endpoint_id: id } });

export function useEndpoints(enabled: boolean) {
  return useQuery({
    queryKey: names.endpoints,
    queryFn: () => asked(api.GET("/api/v1/endpoints")),
    refetchInterval: LOOK_EVERY_MS,
    enabled,
  });
}

export function useKinds() {
  return useQuery({
    queryKey: ["events", "kinds"],
    queryFn: () => asked(api.GET("/api/v1/events/kinds")),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

interface Numbered {
  readonly id: number;
}

/** Pages of what was written down, the newest first, and always the newest. */
function usePages<Row extends Numbered>(
  name: string,
  id: string,
  read: (before: number | undefined) => Promise<Row[]>,
) {
  const found = useInfiniteQuery({
    queryKey: ["endpoint log", id, name], // Apart: of one that was removed nothing is read again.
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page: Row[]) => (page.length < PER_PAGE ? undefined : page.at(-1)?.id),
    refetchInterval: LOOK_EVERY_MS,
  });
  const rows = useMemo(() => found.data?.pages.flat(), [found.data]);
  return { ...found, rows };
}

export function useTries(id: string) {
  return usePages("tries", id, (before) =>
    asked(
      api.GET("/api/v1/endpoints/{endpoint_id}/attempts", {
        params: { ...at(id), query: { before, limit: PER_PAGE } },
      }),
    ),
  );
}

export function useDead(id: string) {
  return usePages("dead", id, (before) =>
    asked(
      api.GET("/api/v1/endpoints/{endpoint_id}/dead-letters", {
        params: { ...at(id), query: { before, limit: PER_PAGE } },
      }),
    ),
  );
}

/** What was posted; it never changes. */
export function usePosted(id: string, attempt: number) {
  return useQuery({
    queryKey: ["posted", id, attempt],
    queryFn: () =>
      asked(
        api.GET("/api/v1/endpoints/{endpoint_id}/attempts/{attempt_id}", {
          params: { path: { endpoint_id: id, attempt_id: attempt } },
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Makes one, or changes one; the form tells what is wrong with it. */
export function useKeepEndpoint(known: Endpoint | null) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (body: Wanted) => {
      if (known === null) return asked(api.POST("/api/v1/endpoints", { body }));
      const path = "/api/v1/endpoints/{endpoint_id}";
      const endpoint = await asked(api.PATCH(path, { params: at(known.id), body }));
      return { endpoint, secret: null };
    },
    onSuccess: () => cache.invalidateQueries({ queryKey: names.endpoints }),
  });
}

export function useTest() {
  return useChange(names.endpoints, (id: string) =>
    asked(api.POST("/api/v1/endpoints/{endpoint_id}/test", { params: at(id) })),
  );
}

export function usePausing() {
  return useChange(names.endpoints, ({ id, on }: { id: string; on: boolean }) => {
    const path = on
      ? "/api/v1/endpoints/{endpoint_id}/pause"
      : "/api/v1/endpoints/{endpoint_id}/resume";
    return asked(api.POST(path, { params: at(id) }));
  });
}

export function useNewSecret() {
  return useChange(names.endpoints, ({ id, hours }: { id: string; hours: number }) =>
    asked(
      api.POST("/api/v1/endpoints/{endpoint_id}/secret", {
        params: at(id),
        body: { overlap_hours: hours },
      }),
    ),
  );
}

export function useRemove() {
  return useChange(names.endpoints, (id: string) =>
    asked(api.DELETE("/api/v1/endpoints/{endpoint_id}", { params: at(id) })),
  );
}

export function useReplay(id: string) {
  return useChange(names.endpoints, (body: Schemas["ReplayRequest"]) =>
    asked(api.POST("/api/v1/endpoints/{endpoint_id}/replay", { params: at(id), body })),
  );
}
