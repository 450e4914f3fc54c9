// Adds money: by card where the server takes cards, else by writing down what came in.

import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { names } from "../../api/cache";
import { api, asked, type Schemas } from "../../api/client";
import { usePraise } from "../../app/complaints";
import { Dialog } from "../../app/Dialog";
import { useFieldErrors } from "../../app/fieldErrors";
import { newId } from "../../app/newId";
import { useTimes } from "../../i18n/times";
import { useWords } from "../../i18n/words";

const MINOR = 100;

export function TopUp({ money, onClose }: { money: Schemas["MoneyView"]; onClose: () => void }) {
  const { t } = useWords();
  const times = useTimes();
  const praise = usePraise();
  const cache = useQueryClient();
  const [ref] = useState(() => newId()); // Pressing twice is the same money.
  const add = useMutation({
    mutationFn: async (amount: number) => {
      if (money.pay_by_card) {
        const body = { amount, return_url: window.location.href };
        const { url } = await asked(api.POST("/api/v1/account/checkout", { body }));
        window.location.assign(url);
        return;
      }
      await asked(api.POST("/api/v1/account/top-up", { body: { amount, ref } }));
      praise(t("balance.added", { amount: times.money(amount, money.currency) }));
    },
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: names.account });
      onClose();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const amount = Number(`${new FormData(event.currentTarget).get("amount")}`.replace(",", "."));
    add.mutate(Math.round(amount * MINOR));
  };
  const wrong = useFieldErrors(add.error, ["amount"]);
  const usual = Math.max(money.needed_for_30_days, MINOR) / MINOR;
  return (
    <Dialog onClose={onClose} title={t("balance.topUp")}>
      <form onSubmit={submit} className="dialog-form">
        <TextInput
          name="amount"
          type="number"
          min={0.01}
          step={0.01}
          label={t("balance.amount", { currency: money.currency })}
          description={money.pay_by_card ? t("balance.byCard") : t("balance.byHand")}
          defaultValue={usual}
          required
          data-autofocus
          error={wrong("amount")}
        />
        <div className="dialog-buttons">
          <Button type="submit" loading={add.isPending}>
            {t("balance.topUp")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
