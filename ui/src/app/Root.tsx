// The language first, then who is there; everything else is behind the sign-in.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { Route, Switch } from "wouter";
import { names } from "../api/cache";
import { api, asked, Problem, type SignedIn, use } from "../api/client";
import { InvitationPage } from "../features/access/InvitationPage";
import { SignInPage } from "../features/access/SignInPage";
import { WindowPage } from "../features/access/WindowPage";
import { type Words, WordsContext, wordsIn } from "../i18n/words";
import { AccessContext, accessOf } from "./access";
import { Complaints } from "./complaints";
import { signedInHere, useLanguage } from "./preferences";
import { Shell } from "./Shell";
import { enter } from "./signedIn";

export function Root() {
  const [language] = useLanguage();
  const [words, setWords] = useState<Words | null>(null);
  const cache = useQueryClient();
  useEffect(() => {
    document.documentElement.lang = language;
    use.language(language);
    void wordsIn(language).then(setWords);
    void cache.invalidateQueries({ queryKey: names.channels }); // The server's words change too.
  }, [language, cache]);
  if (words === null) return null;
  return (
    <WordsContext.Provider value={words}>
      <Complaints>
        <Switch>
          <Route path="/invitation">
            <InvitationPage />
          </Route>
          <Route path="/window/*?">
            <WindowPage />
          </Route>
          <Route>
            <SignedInOnly />
          </Route>
        </Switch>
      </Complaints>
    </WordsContext.Provider>
  );
}

function SignedInOnly() {
  const cache = useQueryClient();
  const [expired, setExpired] = useState(!signedInHere.read());
  const { data: session, error } = useQuery({
    queryKey: names.session,
    queryFn: whoAmI,
    enabled: !expired,
    retry: (_, problem) => !(problem instanceof Problem),
  });
  useEffect(() => {
    use.signedOut(() => {
      signedInHere.note(false);
      use.csrfToken("");
      setExpired(true);
      cache.clear();
    });
  }, [cache]);
  const access = useMemo(() => (session === undefined ? null : accessOf(session)), [session]);
  if (expired || error instanceof Problem) {
    return (
      <SignInPage
        onSignedIn={(signedIn) => {
          enter(signedIn);
          cache.setQueryData(names.session, signedIn);
          setExpired(false);
        }}
      />
    );
  }
  if (access === null) return null;
  return (
    <AccessContext.Provider value={access}>
      <Shell />
    </AccessContext.Provider>
  );
}

async function whoAmI(): Promise<SignedIn> {
  const session = await asked(api.GET("/api/v1/session"));
  enter(session);
  return session;
}
