// The simulated WhatsApp as this page plays it: phones that lie on the table, and people who write.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ownHeaders, problemOf, Unreachable } from "../../api/client";
import { useComplaint } from "../../app/complaints";

export interface SimPhone {
  readonly phone: string;
  readonly online: boolean;
  readonly paired: boolean;
  readonly held_by: "houston" | "elsewhere" | null;
  readonly banned: boolean;
}

interface Arrival {
  readonly id: string;
  readonly from: string;
  readonly text: string | null;
  readonly at: string;
}

interface Saying {
  readonly id: string;
  readonly text: string | null;
  readonly at: string;
}

export interface Said {
  readonly id: string;
  readonly text: string | null;
  readonly at: string;
  readonly isOwn: boolean;
}

const LOOK_AGAIN_MS = 1_500;

async function ask<Answer>(path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`/api/v1/simulator${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { ...ownHeaders(), "content-type": "application/json" },
    body: body === undefined ? null : JSON.stringify(body),
  }).catch(() => {
    throw new Unreachable();
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw problemOf(response, answer);
  return answer as Answer;
}

export function useSimPhones() {
  return useQuery({
    queryKey: ["sim", "phones"],
    queryFn: () => ask<SimPhone[]>("/phones"),
    refetchInterval: LOOK_AGAIN_MS,
  });
}

/** What a person and a channel said to each other, as the person sees it. */
export function useSimTalk(person: string, channel: string) {
  return useQuery({
    queryKey: ["sim", "talk", person, channel],
    queryFn: async (): Promise<Said[]> => {
      const [arrivals, sayings] = await Promise.all([
        ask<Arrival[]>(`/people/${person}/inbox?channel=${channel}`),
        ask<Saying[]>(`/sayings?person=${person}&channel=${channel}`),
      ]);
      const heard = arrivals.map((one) => ({ ...one, isOwn: false }));
      const said = sayings.map((one) => ({ ...one, isOwn: true }));
      return [...heard, ...said].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
    },
    refetchInterval: LOOK_AGAIN_MS,
  });
}

export function useSim() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ path, body = {} }: { path: string; body?: unknown }) => ask<unknown>(path, body),
    onSuccess: () => cache.invalidateQueries({ queryKey: ["sim"] }),
    onError: useComplaint(),
  });
}
