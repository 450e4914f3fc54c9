// The frame around every page: what is wrong on top, where one can go at the side, one live stream.
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { Redirect, Route, Switch } from "wouter";
import { hearInto, readAgain } from "../api/cache";
import type { Channel } from "../api/client";
import { goLive, type Link } from "../api/live";
import { ShowCode } from "../status/StatusAction";
import { useAttention } from "./attention";
import { KeyMap } from "./KeyMap";
import { Rail } from "./Rail";
import { Strip } from "./Strip";

const Inbox = lazy(() => import("../features/inbox/InboxPage"));
const Channels = lazy(() => import("../features/channels/ChannelsPage"));
const OneChannel = lazy(() => import("../features/channels/ChannelPage"));
const CodeDialog = lazy(() => import("../features/channels/CodeDialog"));
const Phone = lazy(() => import("../features/phone/PhonePage"));
const Balance = lazy(() => import("../features/balance/BalancePage"));
const Curators = lazy(() => import("../features/curators/CuratorsPage"));
const People = lazy(() => import("../features/people/PeoplePage"));
const Settings = lazy(() => import("../features/settings/SettingsPage"));

export interface LinkSeen {
  readonly link: Link;
  readonly since: number;
}

export function Shell() {
  const [coded, setCoded] = useState<Channel | null>(null);
  const seen = useLive();
  useAttention();
  return (
    <ShowCode.Provider value={setCoded}>
      <div className="frame" data-link={seen.link}>
        <Strip {...seen} />
        <Rail />
        <main className="page">
          <Suspense fallback={null}>
            <Switch>
              <Route path="/inbox/:chat?">{({ chat }) => <Inbox chat={chat} />}</Route>
              <Route path="/channels">
                <Channels />
              </Route>
              <Route path="/channels/:id">{({ id }) => <OneChannel id={id} />}</Route>
              <Route path="/phone">
                <Phone />
              </Route>
              <Route path="/balance">
                <Balance />
              </Route>
              <Route path="/curators">
                <Curators />
              </Route>
              <Route path="/people">
                <People />
              </Route>
              <Route path="/settings">
                <Settings />
              </Route>
              <Route>
                <Redirect to="/inbox" replace />
              </Route>
            </Switch>
          </Suspense>
        </main>
      </div>
      <KeyMap />
      <Suspense fallback={null}>
        {coded !== null && <CodeDialog channelId={coded.id} onClose={() => setCoded(null)} />}
      </Suspense>
    </ShowCode.Provider>
  );
}

function useLive(): LinkSeen {
  const cache = useQueryClient();
  const [seen, setSeen] = useState<LinkSeen>({ link: "connecting", since: Date.now() });
  useEffect(
    () =>
      goLive({
        fact: hearInto(cache),
        reread: () => void readAgain(cache),
        link: (link, since) => setSeen({ link, since }),
      }),
    [cache],
  );
  return seen;
}
