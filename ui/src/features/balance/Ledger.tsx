// Every movement of money, the newest first.
import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { names } from "../../api/cache";
import { api, asked } from "../../api/client";
import { useTimes } from "../../i18n/times";
import { type Key, useWords } from "../../i18n/words";

/** Kinds by which the balance grows. */
const GROWING = new Set(["top_up"]);

export function Ledger({ currency }: { currency: string }) {
  const { t } = useWords();
  const times = useTimes();
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: [...names.account, "ledger"],
    queryFn: ({ pageParam }) =>
      asked(
        api.GET("/api/v1/account/ledger", { params: { query: { before: pageParam, limit: 50 } } }),
      ),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ next_before: before }) => before ?? undefined,
  });
  const entries = data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <section className="card">
      <h2>{t("ledger.title")}</h2>
      <div className="table-scroll">
        <table className="ledger-table stacked">
          <thead>
            <tr>
              <th>{t("ledger.when")}</th>
              <th>{t("ledger.what")}</th>
              <th className="number">{t("ledger.amount")}</th>
              <th className="number">{t("ledger.balance")}</th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <tr key={entry.number}>
                <td>{times.exact(entry.at)}</td>
                <td>
                  {t(`ledger.${entry.kind}` as Key)} {entry.note}
                </td>
                <td className="number">
                  {GROWING.has(entry.kind) ? "+" : "−"}
                  {times.money(entry.amount, currency)}
                </td>
                <td className="number">{times.money(entry.balance, currency)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {hasNextPage && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t("log.earlier")}
        </Button>
      )}
    </section>
  );
}
