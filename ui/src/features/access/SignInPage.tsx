// Lets people in.
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { api, asked, type SignedIn } from "../../api/client";
import { useExplanation } from "../../app/complaints";
import { useWords } from "../../i18n/words";
import { Door } from "./Door";

export function SignInPage({ onSignedIn }: { onSignedIn: (signedIn: SignedIn) => void }) {
  const { t } = useWords();
  const explain = useExplanation();
  const signIn = useMutation({
    mutationFn: (body: { email: string; password: string }) =>
      asked(api.POST("/api/v1/session", { body })),
    onSuccess: onSignedIn,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    signIn.mutate({ email: `${form.get("email")}`, password: `${form.get("password")}` });
  };
  return (
    <Door title={t("signIn.title")}>
      <form onSubmit={submit} className="door-form">
        <TextInput
          name="email"
          type="email"
          label={t("signIn.email")}
          autoComplete="username"
          size="md"
          required
          autoFocus
        />
        <PasswordInput
          name="password"
          label={t("signIn.password")}
          autoComplete="current-password"
          size="md"
          required
          error={signIn.error && explain(signIn.error)}
          visibilityToggleButtonProps={{ "aria-label": t("signIn.show"), tabIndex: 0 }}
        />
        <Button type="submit" size="md" loading={signIn.isPending}>
          {t("signIn.enter")}
        </Button>
        <p className="hint">{t("signIn.forgotten")}</p>
      </form>
    </Door>
  );
}
