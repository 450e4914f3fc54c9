// A new password; every other sign-in ends.
import { Button, PasswordInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { api, asked } from "../../api/client";
import { usePraise } from "../../app/complaints";
import { useFieldErrors } from "../../app/fieldErrors";
import { enter } from "../../app/signedIn";
import { useWords } from "../../i18n/words";

export function PasswordForm() {
  const { t } = useWords();
  const praise = usePraise();
  const change = useMutation({
    mutationFn: (body: { old: string; new: string }) =>
      asked(api.PUT("/api/v1/session/password", { body })),
    onSuccess: (session) => {
      enter(session);
      praise(t("settings.password.done"));
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const place = event.currentTarget;
    const body = { old: `${form.get("old")}`, new: `${form.get("new")}` };
    change.mutate(body, { onSuccess: () => place.reset() });
  };
  const wrong = useFieldErrors(change.error, ["password"]);
  const eye = { "aria-label": t("signIn.show"), tabIndex: 0 };
  return (
    <section className="card">
      <h2>{t("settings.password")}</h2>
      <form onSubmit={submit} className="dialog-form settings-form">
        <PasswordInput
          name="old"
          label={t("settings.password.old")}
          autoComplete="current-password"
          required
          visibilityToggleButtonProps={eye}
        />
        <PasswordInput
          name="new"
          label={t("settings.password.new")}
          autoComplete="new-password"
          minLength={10}
          required
          error={wrong("password")}
          visibilityToggleButtonProps={eye}
        />
        <Button type="submit" variant="default" loading={change.isPending}>
          {t("settings.password.change")}
        </Button>
      </form>
    </section>
  );
}
