// The address that belongs into the CRM, and the live test once it is there.
import { Button } from "@mantine/core";
import { IconPlugConnected } from "@tabler/icons-react";
import { CopyButton } from "../../app/CopyButton";
import { useWords } from "../../i18n/words";
import { type Connection, useTry } from "./connections";
import { Findings } from "./Findings";

export function LastStep({ connection }: { connection: Connection }) {
  const { t } = useWords();
  const trying = useTry();
  return (
    <>
      <div className="secret">
        <p>{t("connections.address")}</p>
        <output>{connection.hook_url}</output>
        <CopyButton text={connection.hook_url} variant="default" />
      </div>
      <p>{t("connections.testNow")}</p>
      <Button
        variant="default"
        leftSection={<IconPlugConnected size={18} aria-hidden />}
        loading={trying.isPending}
        onClick={() => trying.mutate(connection.id)}
      >
        {t("connections.test")}
      </Button>
      {trying.data !== undefined && <Findings findings={trying.data} />}
    </>
  );
}
