// Connections to CRMs as the page reads and changes them. It knows no CRM: the server describes each.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { names } from "../../api/cache";
import { api, asked, type Schemas } from "../../api/client";
import { useChange } from "../../app/useChange";

export type Connection = Schemas["ConnectionView"];
export type Crm = Schemas["KindView"];
export type Field = Crm["fields"][number];
export type Finding = Schemas["FindingView"];
type New = Schemas["NewConnection"];
type Changed = Schemas["ChangedConnection"];

const LOOK_EVERY_MS = 3_000; // No fact tells how much waits.
const at = (id: string) => ({ path: { connection_id: id } });

export function useConnections(enabled: boolean) {
  return useQuery({
    queryKey: names.connections,
    queryFn: () => asked(api.GET("/api/v1/connections")),
    refetchInterval: LOOK_EVERY_MS,
    enabled,
  });
}

/** The CRMs that can be connected, each with its form, in the reader's language. */
export function useCrms(language: string, enabled: boolean) {
  return useQuery({
    queryKey: ["crms", language],
    queryFn: () => asked(api.GET("/api/v1/connections/kinds")),
    enabled,
  });
}

/** The form tells what is wrong. */
function useKeep<Wanted>(keep: (wanted: Wanted) => Promise<Connection>) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: keep,
    onSuccess: () => cache.invalidateQueries({ queryKey: names.connections }),
  });
}

export function useConnect() {
  return useKeep((body: New) => asked(api.POST("/api/v1/connections", { body })));
}

export function useEdit(id: string) {
  return useKeep((body: Changed) =>
    asked(api.PATCH("/api/v1/connections/{connection_id}", { params: at(id), body })),
  );
}

export function useSwitch() {
  return useChange(names.connections, ({ id, enabled }: { id: string; enabled: boolean }) =>
    asked(api.PATCH("/api/v1/connections/{connection_id}", { params: at(id), body: { enabled } })),
  );
}

export function useDisconnect() {
  return useChange(names.connections, (id: string) =>
    asked(api.DELETE("/api/v1/connections/{connection_id}", { params: at(id) })),
  );
}

export function useTry() {
  return useChange(names.connections, (id: string) =>
    asked(api.POST("/api/v1/connections/{connection_id}/test", { params: at(id) })),
  );
}
