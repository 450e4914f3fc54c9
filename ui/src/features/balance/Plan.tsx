// What a channel costs, by which plan, and from when on by another one.
import { Button, Select } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { names } from "../../api/cache";
import { api, asked, type Schemas } from "../../api/client";
import { useComplaint } from "../../app/complaints";
import { useTimes } from "../../i18n/times";
import { useWords } from "../../i18n/words";

export function Plan({ money }: { money: Schemas["MoneyView"] }) {
  const { t } = useWords();
  const times = useTimes();
  const price = (minor: number) => t("plan.price", { price: times.money(minor, money.currency) });
  const next = money.next_plan;
  return (
    <section className="card">
      <h2>{t("plan.title")}</h2>
      <p>
        <strong>{money.plan}</strong> · {price(money.price_per_channel_day)}
      </p>
      {next !== null && (
        <p>
          {t("plan.next", { at: times.date(next.since) })} <strong>{next.plan}</strong> ·{" "}
          {price(next.price_per_channel_day)}
        </p>
      )}
      <Choice chosen={next?.plan ?? money.plan} price={price} />
    </section>
  );
}

/** Only where whoever runs the server lets accounts choose for themselves. */
function Choice({ chosen, price }: { chosen: string; price: (minor: number) => string }) {
  const { t } = useWords();
  const cache = useQueryClient();
  const [wanted, setWanted] = useState(chosen);
  const { data: plans = [] } = useQuery({
    queryKey: [...names.account, "plans"],
    queryFn: () => asked(api.GET("/api/v1/plans")).catch(() => []),
  });
  const choose = useMutation({
    mutationFn: (plan: string) => asked(api.POST("/api/v1/account/plan", { body: { plan } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: names.account }),
    onError: useComplaint(),
  });
  if (plans.length < 2) return null;
  return (
    <div className="plan-choice">
      <Select
        label={t("plan.choose")}
        description={t("plan.choose.hint")}
        value={wanted}
        onChange={(plan) => setWanted(plan ?? chosen)}
        data={plans.map(({ name, price_per_channel_day: minor }) => ({
          value: name,
          label: `${name} · ${price(minor)}`,
        }))}
        allowDeselect={false}
      />
      <Button
        variant="default"
        disabled={wanted === chosen}
        loading={choose.isPending}
        onClick={() => choose.mutate(wanted)}
      >
        {t("plan.change")}
      </Button>
    </div>
  );
}
