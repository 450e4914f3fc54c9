// Gives an endpoint a new secret; the one of before signs beside it for as long as is chosen.
import { Button, Select } from "@mantine/core";
import { useState } from "react";
import { Dialog } from "../../app/Dialog";
import { Secret } from "../../app/Secret";
import { useWords } from "../../i18n/words";
import { type Endpoint, useNewSecret } from "./endpoints";

const HOURS = [0, 1, 24, 168] as const;

export function NewSecret({ endpoint, onClose }: { endpoint: Endpoint; onClose: () => void }) {
  const { t } = useWords();
  const [hours, setHours] = useState("24");
  const renewing = useNewSecret();
  return (
    <Dialog onClose={onClose} title={t("webhooks.newSecret.title", { name: endpoint.name })}>
      {renewing.data !== undefined ? (
        <Secret text={renewing.data.secret} hint={t("webhooks.secretOnce")} />
      ) : (
        <div className="dialog-form">
          <Select
            label={t("webhooks.overlap")}
            description={t("webhooks.overlap.hint")}
            value={hours}
            onChange={(chosen) => setHours(chosen ?? "24")}
            data={HOURS.map((value) => ({
              value: `${value}`,
              label: value === 0 ? t("webhooks.overlap.none") : t("hours", { count: value }),
            }))}
            allowDeselect={false}
          />
          <div className="dialog-buttons">
            <Button
              loading={renewing.isPending}
              onClick={() => renewing.mutate({ id: endpoint.id, hours: Number(hours) })}
            >
              {t("webhooks.newSecret")}
            </Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}
