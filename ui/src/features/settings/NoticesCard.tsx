// Who of the account is told of what, and when: for administrators.
import { Button, SegmentedControl, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { names } from "../../api/cache";
import { api, asked, Problem, type Schemas } from "../../api/client";
import { useAccount } from "../../api/queries";
import { useExplanation, usePraise } from "../../app/complaints";
import { useWords } from "../../i18n/words";

type Told = "operators" | "curators";

export function NoticesCard() {
  const { data: account } = useAccount();
  return account === undefined ? null : <Notices account={account} />;
}

function Notices({ account }: { account: Schemas["AccountView"] }) {
  const { t } = useWords();
  const explain = useExplanation();
  const praise = usePraise();
  const cache = useQueryClient();
  const [told, setTold] = useState(account.status_notices as Told);
  const change = useMutation({
    mutationFn: (body: Schemas["AccountChange"]) => asked(api.PATCH("/api/v1/account", { body })),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: names.account });
      praise(t("settings.notices.kept"));
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const days = `${form.get("days")}`.match(/\d+/g) ?? [];
    change.mutate({
      status_notices: told,
      notice_delay_minutes: Number(form.get("delay")),
      warning_days: days.map(Number),
    });
  };
  const complaint = change.error === null ? undefined : explain(change.error);
  const isOfDays = change.error instanceof Problem && change.error.field?.startsWith("warning");
  return (
    <section className="card">
      <h2>{t("settings.notices")}</h2>
      <form onSubmit={submit} className="dialog-form settings-form">
        <div>
          <p className="label">{t("settings.notices.told")}</p>
          <SegmentedControl
            aria-label={t("settings.notices.told")}
            value={told}
            onChange={(value) => setTold(value as Told)}
            data={(["operators", "curators"] as const).map((value) => ({
              value,
              label: t(`settings.notices.told.${value}`),
            }))}
          />
        </div>
        <TextInput
          type="number"
          name="delay"
          label={t("settings.notices.delay")}
          description={t("settings.notices.delay.hint")}
          defaultValue={account.notice_delay_minutes}
          min={0}
          max={1440}
          required
          error={!isOfDays && complaint}
        />
        <TextInput
          name="days"
          label={t("settings.notices.days")}
          description={t("settings.notices.days.hint")}
          defaultValue={account.warning_days.toReversed().join(", ")}
          inputMode="numeric"
          pattern="[0-9 ,;]*"
          error={isOfDays && complaint}
        />
        <Button type="submit" variant="default" loading={change.isPending}>
          {t("save")}
        </Button>
      </form>
    </section>
  );
}
