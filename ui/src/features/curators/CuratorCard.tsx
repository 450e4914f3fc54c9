// One curator: about what they are told, a test, and what they were told.
import { Button } from "@mantine/core";
import { useState } from "react";
import { useChannels } from "../../api/queries";
import { Confirm } from "../../app/Confirm";
import { usePraise } from "../../app/complaints";
import { phoneText, useTimes } from "../../i18n/times";
import { useWords } from "../../i18n/words";
import { CuratorForm } from "./CuratorForm";
import { type Curator, useNotices, useRemoveCurator, useTestCurator } from "./curators";

export function CuratorCard({ curator }: { curator: Curator }) {
  const { t, language } = useWords();
  const praise = usePraise();
  const { data: channels = [] } = useChannels();
  const [dialog, setDialog] = useState<"edit" | "remove" | null>(null);
  const [open, setOpen] = useState(false);
  const test = useTestCurator(() => {
    praise(t("curators.testSent"));
    setOpen(true);
  });
  const remove = useRemoveCurator();
  const list = new Intl.ListFormat(language, { type: "conjunction" });
  const told = channels.filter(({ id }) => curator.channels?.includes(id)).map(({ name }) => name);
  const close = () => setDialog(null);
  return (
    <article className="card">
      <header className="card-head">
        <div>
          <h2>{curator.name}</h2>
          <p className="hint">{phoneText(curator.phone)}</p>
        </div>
        <div className="buttons">
          <Button
            variant="default"
            size="sm"
            loading={test.isPending}
            onClick={() => test.mutate(curator.id)}
          >
            {t("curators.test")}
          </Button>
          <button type="button" className="link" onClick={() => setDialog("edit")}>
            {t("channel.edit")}
          </button>
          <button type="button" className="link danger" onClick={() => setDialog("remove")}>
            {t("remove")}
          </button>
        </div>
      </header>
      <ul className="meta">
        <li>{list.format(curator.wants.map((want) => t(`curators.want.${want}`)))}</li>
        <li>{curator.channels === null ? t("inbox.allChannels") : list.format(told)}</li>
        {curator.quiet_hours !== null && (
          <li>
            {t("curators.quiet", {
              from: curator.quiet_hours.start.slice(0, 5),
              until: curator.quiet_hours.until.slice(0, 5),
            })}
          </li>
        )}
        {curator.after_minutes > 0 && (
          <li>{t("curators.after", { count: curator.after_minutes })}</li>
        )}
      </ul>
      <button type="button" className="link" aria-expanded={open} onClick={() => setOpen(!open)}>
        {t("curators.notices")}
      </button>
      {open && <Notices curator={curator.id} />}
      {dialog === "edit" && <CuratorForm curator={curator} onClose={close} />}
      {dialog === "remove" && (
        <Confirm
          title={t("curators.remove.title", { name: curator.name })}
          text={t("curators.remove.text")}
          yes={t("remove")}
          onYes={() => remove.mutate(curator.id, { onSettled: close })}
          onClose={close}
        />
      )}
    </article>
  );
}

function Notices({ curator }: { curator: string }) {
  const { t } = useWords();
  const { exact } = useTimes();
  const { data: notices } = useNotices(curator);
  if (notices?.length === 0) return <p className="hint">{t("curators.noNotices")}</p>;
  return (
    <ol className="queue">
      {notices?.map((notice) => (
        <li key={notice.id}>
          <span className="hint">{exact(notice.at)}</span>
          <span className="queue-text">{notice.text}</span>
          <span className={notice.error === null ? "hint" : "danger"}>
            {notice.error ?? (notice.sent_at === null ? t("tick.queued") : t("tick.sent"))}
          </span>
        </li>
      ))}
    </ol>
  );
}
