// Money: what is there, until when it lasts, the way to add some, and every movement of it.
import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { names } from "../../api/cache";
import { api, asked, type Schemas } from "../../api/client";
import { useAccount } from "../../api/queries";
import { AskWho } from "../../app/AskWho";
import { useAccess } from "../../app/access";
import { useComplaint } from "../../app/complaints";
import { useTimes } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { Ledger } from "./Ledger";
import { Plan } from "./Plan";
import { TopUp } from "./TopUp";

type Money = Schemas["MoneyView"];

export default function BalancePage() {
  const { t } = useWords();
  const { may } = useAccess();
  const { data: account } = useAccount();
  return (
    <div className="page-inner narrow">
      <header className="page-head">
        <h1>{t("nav.balance")}</h1>
      </header>
      {!may("pay") && <AskWho todo={t("balance.see")} />}
      {may("pay") && account?.money === null && <p className="empty">{t("balance.notCounted")}</p>}
      {account?.money && (
        <>
          <Standing money={account.money} />
          <Plan money={account.money} />
          <Ledger currency={account.money.currency} />
        </>
      )}
    </div>
  );
}

function Standing({ money }: { money: Money }) {
  const { t } = useWords();
  const times = useTimes();
  const [adding, setAdding] = useState(false);
  const amount = (minor: number) => times.money(minor, money.currency);
  return (
    <section className={money.paid ? "card" : "card card-wrong"}>
      <div className="balance-line">
        <div>
          <p className="hint">{t("balance.now")}</p>
          <p className="balance" data-testid="balance">
            {amount(money.balance)}
          </p>
        </div>
        <div className="buttons">
          <Button onClick={() => setAdding(true)}>{t("balance.topUp")}</Button>
          {!money.paid && money.promised_until === null && <Promised />}
        </div>
      </div>
      <p>
        {money.paid
          ? untilWhen(money)
          : t("balance.stopped", { needed: amount(money.needed_for_a_day) })}
      </p>
      <ul className="meta">
        <li>
          {t("balance.aDay", {
            total: amount(money.price_per_channel_day * money.channels_charged),
            price: amount(money.price_per_channel_day),
            count: money.channels_charged,
          })}
        </li>
        {money.needed_for_30_days > 0 && (
          <li>{t("balance.month", { amount: amount(money.needed_for_30_days) })}</li>
        )}
        {money.promised_until !== null && (
          <li>{t("balance.promised", { at: times.exact(money.promised_until) })}</li>
        )}
      </ul>
      {adding && <TopUp money={money} onClose={() => setAdding(false)} />}
    </section>
  );

  function untilWhen({ money_until: until }: Money): string {
    return until === null
      ? t("balance.lastsForEver")
      : t("balance.until", { at: times.exact(until) });
  }
}

function Promised() {
  const { t } = useWords();
  const cache = useQueryClient();
  const promise = useMutation({
    mutationFn: () => asked(api.POST("/api/v1/account/promise")),
    onSuccess: () => cache.invalidateQueries({ queryKey: names.account }),
    onError: useComplaint(),
  });
  return (
    <Button variant="default" onClick={() => promise.mutate()} loading={promise.isPending}>
      {t("balance.promise")}
    </Button>
  );
}
