// The frame around every page: what is wrong on top, where one can go at the side, one live stream.
import { lazy, Suspense, useState } from "react";
import { Redirect, Route, Switch } from "wouter";
import type { Channel } from "../api/client";
import { ShowCode } from "../status/StatusAction";
import { useAccess } from "./access";
import { useAttention } from "./attention";
import { useFocusOnPages } from "./focus";
import { KeyMap } from "./KeyMap";
import { Rail } from "./Rail";
import { Strip } from "./Strip";
import { useAlerts } from "./useAlerts";
import { useLive } from "./useLive";

const Inbox = lazy(() => import("../features/inbox/InboxPage"));
const Channels = lazy(() => import("../features/channels/ChannelsPage"));
const OneChannel = lazy(() => import("../features/channels/ChannelPage"));
const CodeDialog = lazy(() => import("../features/channels/CodeDialog"));
const Phone = lazy(() => import("../features/phone/PhonePage"));
const Balance = lazy(() => import("../features/balance/BalancePage"));
const Curators = lazy(() => import("../features/curators/CuratorsPage"));
const People = lazy(() => import("../features/people/PeoplePage"));
const Webhooks = lazy(() => import("../features/webhooks/WebhooksPage"));
const Integrations = lazy(() => import("../features/integrations/IntegrationsPage"));
const Settings = lazy(() => import("../features/settings/SettingsPage"));

export function Shell() {
  const [coded, setCoded] = useState<Channel | null>(null);
  const { session } = useAccess();
  const seen = useLive(session.person_id);
  useAlerts();
  useAttention();
  useFocusOnPages();
  return (
    <ShowCode.Provider value={setCoded}>
      <div className="frame" data-link={seen.link}>
        <Strip {...seen} />
        <Rail />
        <main className="page" tabIndex={-1}>
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
              <Route path="/webhooks/:place?">{({ place }) => <Webhooks place={place} />}</Route>
              <Route path="/integrations">
                <Integrations />
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
