// A window inside a CRM's page: the chats that the CRM asked for, and nothing of the house around them.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { Redirect, Route, Router, Switch } from "wouter";
import { api, asked, type Schemas, use } from "../../api/client";
import { useChats } from "../../api/queries";
import { type Access, AccessContext } from "../../app/access";
import { useExplanation } from "../../app/complaints";
import { Strip } from "../../app/Strip";
import { useLive } from "../../app/useLive";
import { useWords } from "../../i18n/words";

const Inbox = lazy(() => import("../inbox/InboxPage"));

/** With the link that it was opened by: another link is another window. */
type Opened = Schemas["WindowView"] & { readonly token: string };

/** A link opens once; a window that is loaded again is the same one for as long as its tab lives. */
const KEPT = "houston-window";
const MAY = new Set(["read", "write"]);
const EVERYTHING = { q: "", channel: "", unanswered: false, mine: false };

export function WindowPage() {
  const explain = useExplanation();
  const { t } = useWords();
  const [token] = useState(() => window.location.hash.slice(1));
  const [opened, setOpened] = useState(() => keptOf(token));
  const { mutate: take, error } = useMutation({
    mutationFn: () => asked(api.POST("/api/v1/windows", { body: { token } })),
    onSuccess: (made) => {
      const known = { ...made, token };
      sessionStorage.setItem(KEPT, JSON.stringify(known));
      setOpened(known);
    },
  });
  useEffect(() => {
    if (token !== "" && opened === null) take();
  }, [token, opened, take]);
  if (error !== null && opened === null) return <p className="empty">{explain(error)}</p>;
  if (opened === null) return token === "" ? <p className="empty">{t("window.closed")}</p> : null;
  return <Chats key={opened.bearer} opened={opened} />;
}

function Chats({ opened }: { opened: Opened }) {
  const { t } = useWords();
  const cache = useQueryClient();
  const [closed, setClosed] = useState(false);
  const [ready, setReady] = useState(false);
  useEffect(() => {
    use.bearer(opened.bearer);
    use.signedOut(() => {
      sessionStorage.removeItem(KEPT);
      cache.clear();
      setClosed(true);
    });
    setReady(true);
    return () => use.bearer("");
  }, [opened, cache]);
  const access = useMemo(() => accessOf(opened), [opened]);
  if (closed) return <p className="empty">{t("window.closed")}</p>;
  if (!ready) return null;
  return (
    <AccessContext.Provider value={access}>
      <Router base="/window">
        <Framed listener={opened.bearer} />
      </Router>
    </AccessContext.Provider>
  );
}

function Framed({ listener }: { listener: string }) {
  const seen = useLive(listener);
  return (
    <div className="frame frame-window" data-link={seen.link}>
      <Strip {...seen} />
      <main className="page" tabIndex={-1}>
        <Suspense fallback={null}>
          <Switch>
            <Route path="/inbox/:chat?">
              {({ chat }) => (chat === undefined ? <First /> : <Inbox chat={chat} />)}
            </Route>
            <Route>
              <First />
            </Route>
          </Switch>
        </Suspense>
      </main>
    </div>
  );
}

/** A card of one customer shows their chat at once; otherwise there is a choice. */
function First() {
  const { chats, isSuccess } = useChats(EVERYTHING);
  const [only, ...others] = chats;
  if (!isSuccess) return null;
  if (only !== undefined && others.length === 0) {
    return <Redirect to={`/inbox/${only.id}`} replace />;
  }
  return <Inbox chat={undefined} />;
}

function keptOf(token: string): Opened | null {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Opened | null;
  return token === "" || kept?.token === token ? kept : null;
}

function accessOf({ user_id: id, user_name: name }: Opened): Access {
  const nobody = { account_id: "", account_name: "", email: "", csrf_token: "", role: null };
  return {
    isWindow: true,
    session: { ...nobody, person_id: id, name, channels: {}, administrators: [] },
    may: (doing) => MAY.has(doing),
  };
}
