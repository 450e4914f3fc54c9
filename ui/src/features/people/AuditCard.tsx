// Who did what, and when: the newest first.
import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { api, asked, type Schemas } from "../../api/client";
import { useChannels } from "../../api/queries";
import { useTimes } from "../../i18n/times";
import { type Key, useWords } from "../../i18n/words";

type Deed = Schemas["AuditView"];

const PAGE = 30;
/** Of a press that is told already. */
const CONSEQUENCE = "channel.status";

export function AuditCard() {
  const { t } = useWords();
  const { exact } = useTimes();
  const deeds = useInfiniteQuery({
    queryKey: ["people", "audit"],
    queryFn: ({ pageParam }) =>
      asked(api.GET("/api/v1/audit", { params: { query: { before: pageParam, limit: PAGE } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Deed[]) => (page.length < PAGE ? undefined : page.at(-1)?.id),
  });
  const shown = deeds.data?.pages.flat().filter(({ what }) => what !== CONSEQUENCE) ?? [];
  return (
    <section className="card">
      <h2>{t("audit.title")}</h2>
      <div className="table-scroll">
        <table className="told-table stacked">
          <thead>
            <tr>
              <th>{t("history.when")}</th>
              <th>{t("history.who")}</th>
              <th>{t("ledger.what")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((deed) => (
              <tr key={deed.id}>
                <td>{exact(deed.at)}</td>
                <td>{deed.who.name ?? t("audit.somebody")}</td>
                <td>
                  <What deed={deed} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {deeds.hasNextPage && (
        <Button
          variant="default"
          loading={deeds.isFetchingNextPage}
          onClick={() => void deeds.fetchNextPage()}
        >
          {t("log.earlier")}
        </Button>
      )}
    </section>
  );
}

function What({ deed }: { deed: Deed }) {
  const { t, has } = useWords();
  const { data: channels = [] } = useChannels();
  const word = `audit.${deed.command ?? deed.what}` as Key;
  const channel = channels.find(({ id }) => id === deed.channel_id)?.name;
  const { name } = deed.details as { name?: string };
  const about = channel ?? name;
  return (
    <>
      {has(word) ? t(word) : (deed.command ?? deed.what)}
      {about !== undefined && <span className="hint"> · {about}</span>}
    </>
  );
}
