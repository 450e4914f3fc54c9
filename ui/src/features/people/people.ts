// People and keys as the page reads and changes them.
import { useQuery } from "@tanstack/react-query";
import { api, asked, type Schemas } from "../../api/client";
import { type ToldIn, useChange as useChangeOf } from "../../app/useChange";

export type Person = Schemas["PersonView"];
export type ApiKey = Schemas["KeyView"];
export type Role = Schemas["Role"];

export const ROLES: readonly Role[] = ["administrator", "manager", "seller", "auditor"];

const PEOPLE = ["people", "list"] as const;
const KEYS = ["people", "keys"] as const;

export function usePeople() {
  return useQuery({ queryKey: PEOPLE, queryFn: () => asked(api.GET("/api/v1/people")) });
}

export function useKeys() {
  return useQuery({ queryKey: KEYS, queryFn: () => asked(api.GET("/api/v1/keys")) });
}

/** A change of people or keys; the lists are read again after it. */
export function useChange<Wanted, Answer>(
  change: (wanted: Wanted) => Promise<Answer>,
  toldIn?: ToldIn,
) {
  return useChangeOf(["people"], change, toldIn);
}

export const invite = (body: Schemas["NewPerson"]) => asked(api.POST("/api/v1/people", { body }));

export const reset = (id: string) =>
  asked(api.POST("/api/v1/people/{person_id}/reset", { params: { path: { person_id: id } } }));

export const remove = (id: string) =>
  asked(api.DELETE("/api/v1/people/{person_id}", { params: { path: { person_id: id } } }));

export const changeRoles = ({ id, ...body }: Schemas["PersonChange"] & { id: string }) =>
  asked(api.PATCH("/api/v1/people/{person_id}", { params: { path: { person_id: id } }, body }));

export const makeKey = (body: Schemas["NewKey"]) => asked(api.POST("/api/v1/keys", { body }));

export const revokeKey = (id: string) =>
  asked(api.DELETE("/api/v1/keys/{key_id}", { params: { path: { key_id: id } } }));
