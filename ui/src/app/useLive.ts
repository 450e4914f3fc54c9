// Keeps what is cached in line with the live stream, and says how the link is.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { hearInto, readAgain } from "../api/cache";
import { tellEars } from "../api/heard";
import { goLive, type Link } from "../api/live";
import { noteFrom } from "../api/presence";

export interface LinkSeen {
  readonly link: Link;
  readonly since: number;
}

/** Tabs of the same listener share one stream. */
export function useLive(listener: string): LinkSeen {
  const cache = useQueryClient();
  const [seen, setSeen] = useState<LinkSeen>({ link: "connecting", since: Date.now() });
  useEffect(() => {
    const change = hearInto(cache);
    return goLive(listener, {
      fact: (fact) => {
        change(fact);
        tellEars(fact);
      },
      presence: noteFrom,
      reread: () => void readAgain(cache),
      link: (link, since) => setSeen({ link, since }),
    });
  }, [cache, listener]);
  return seen;
}
