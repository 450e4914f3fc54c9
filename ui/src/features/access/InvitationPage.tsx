// Whoever opens an invitation chooses a password and is in. The token never leaves the fragment's page.
import { Button, PasswordInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { names } from "../../api/cache";
import { api, asked } from "../../api/client";
import { useFieldErrors } from "../../app/fieldErrors";
import { enter } from "../../app/signedIn";
import { useWords } from "../../i18n/words";
import { Door } from "./Door";

export function InvitationPage() {
  const { t } = useWords();
  const cache = useQueryClient();
  const [, goTo] = useLocation();
  const [token] = useState(() => window.location.hash.slice(1));
  const take = useMutation({
    mutationFn: (password: string) =>
      asked(api.POST("/api/v1/session/invitation", { body: { token, password } })),
    onSuccess: (signedIn) => {
      enter(signedIn);
      cache.setQueryData(names.session, signedIn);
      goTo("/inbox", { replace: true });
    },
  });
  const wrong = useFieldErrors(take.error, ["password"]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    take.mutate(`${new FormData(event.currentTarget).get("password")}`);
  };
  return (
    <Door title={t("invitation.title")}>
      <form onSubmit={submit} className="door-form">
        <p className="hint">{token === "" ? t("invitation.noToken") : t("invitation.choose")}</p>
        <PasswordInput
          name="password"
          label={t("invitation.password")}
          autoComplete="new-password"
          size="md"
          required
          minLength={10}
          error={wrong("password")}
          visibilityToggleButtonProps={{ "aria-label": t("signIn.show"), tabIndex: 0 }}
        />
        <Button type="submit" size="md" loading={take.isPending} disabled={token === ""}>
          {t("invitation.enter")}
        </Button>
      </form>
    </Door>
  );
}
