// Listens to the live stream and holds the newest facts; while it is paused they gather unseen.
import { useEffect, useRef, useState } from "react";
import { hear } from "../../api/heard";
import type { Fact } from "../../api/stream";
import { HELD, withNews } from "./events";

const SHOWN_EVERY_MS = 250; // A flood would else have the page drawn for each fact.

export function useEvents(paused: boolean) {
  const [held, setHeld] = useState<readonly Fact[]>([]);
  const [behind, setBehind] = useState(0);
  const news = useRef<Fact[]>([]);
  const came = useRef(0); // More than are held, perhaps.
  useEffect(
    () =>
      hear((fact) => {
        news.current.push(fact);
        if (news.current.length > 2 * HELD) news.current = news.current.slice(-HELD);
        came.current += 1;
      }),
    [],
  );
  useEffect(() => {
    const show = () => {
      setBehind(paused ? came.current : 0);
      if (paused || news.current.length === 0) return;
      came.current = 0;
      const taken = news.current;
      news.current = [];
      setHeld((before) => withNews(before, taken));
    };
    show();
    const timer = setInterval(show, SHOWN_EVERY_MS);
    return () => clearInterval(timer);
  }, [paused]);
  return { held, behind, forget: () => setHeld([]) };
}
