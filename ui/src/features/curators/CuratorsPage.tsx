// Who is told when a channel stops, when it works again, and before the money runs out.
import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { AskWho } from "../../app/AskWho";
import { useAccess } from "../../app/access";
import { useWords } from "../../i18n/words";
import { CuratorCard } from "./CuratorCard";
import { CuratorForm } from "./CuratorForm";
import { useCurators } from "./curators";

export default function CuratorsPage() {
  const { t } = useWords();
  const { may } = useAccess();
  const mayManage = may("set_up");
  const { data: curators } = useCurators(mayManage);
  const [adding, setAdding] = useState(false);
  return (
    <div className="page-inner narrow">
      <header className="page-head">
        <div className="page-title">
          <h1>{t("nav.curators")}</h1>
          <p className="hint">{t("curators.hint")}</p>
        </div>
        {mayManage && (
          <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => setAdding(true)}>
            {t("curators.add")}
          </Button>
        )}
      </header>
      {!mayManage && <AskWho todo={t("curators.manage")} />}
      {curators?.length === 0 && <p className="empty">{t("curators.none")}</p>}
      {curators?.map((curator) => (
        <CuratorCard key={curator.id} curator={curator} />
      ))}
      {adding && <CuratorForm curator={null} onClose={() => setAdding(false)} />}
    </div>
  );
}
