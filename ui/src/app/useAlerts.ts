// Calls whoever looks elsewhere when something they asked for happens: a notification, and a sound.
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { useLocation } from "wouter";
import { names } from "../api/cache";
import { api, asked, type Channel } from "../api/client";
import { hear } from "../api/heard";
import type { Fact } from "../api/stream";
import { useAccess } from "./access";
import {
  type Alert,
  alertOfChannel,
  alertOfChat,
  beLookedAt,
  callOnce,
  concerns,
  type Wishes,
} from "./alerts";
import { useWishes } from "./preferences";
import { ring, wakeSpeakerOnTouch } from "./sound";

export function useAlerts(): void {
  const cache = useQueryClient();
  const { session } = useAccess();
  const [wishes] = useWishes();
  const [, goTo] = useLocation();
  const now = useRef({ wishes, goTo });
  now.current = { wishes, goTo };
  useEffect(beLookedAt, []);
  useEffect(() => (wishes.sound ? wakeSpeakerOnTouch() : undefined), [wishes.sound]);
  const alertOf = useCallback(
    async (fact: Fact, wanted: Wishes): Promise<Alert | null> => {
      if (fact.kind === "message.received") {
        const path = { chat: `${fact.body.chat_id}` };
        const chat = await asked(api.GET("/api/v1/chats/{chat}", { params: { path } }));
        return alertOfChat(chat, session.person_id, wanted);
      }
      const path = { channel_id: `${fact.channel_id}` };
      const channel: Channel = await asked(
        api.GET("/api/v1/channels/{channel_id}", { params: { path } }),
      );
      cache.setQueryData<Channel[]>(names.channels, (all) =>
        all?.map((one) => (one.id === channel.id ? channel : one)),
      );
      return alertOfChannel(channel);
    },
    [cache, session.person_id],
  );
  useEffect(
    () =>
      hear((fact) => {
        const wanted = now.current.wishes;
        if (!document.hidden || !concerns(fact, wanted)) return;
        void callOnce(fact.id, async () => {
          const alert = await alertOf(fact, wanted).catch(() => null); // Not ours to see any more.
          if (alert === null) return;
          show(alert, now.current.goTo);
          if (wanted.sound) ring();
        });
      }),
    [alertOf],
  );
}

/** One of a kind is shown at a time: the newest about the same chat or channel. */
export function show(alert: Alert, goTo: (path: string) => void): void {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const { title, body, path } = alert;
  const shown = new Notification(title, { body, tag: path, icon: "/favicon.svg" });
  shown.onclick = () => {
    window.focus();
    goTo(path);
    shown.close();
  };
}
