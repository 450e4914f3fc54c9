// The end of every form in a dialog.
import { Button } from "@mantine/core";
import { useWords } from "../i18n/words";

export function SaveButtons({ onClose, isSaving }: { onClose: () => void; isSaving: boolean }) {
  const { t } = useWords();
  return (
    <div className="dialog-buttons">
      <Button variant="default" onClick={onClose}>
        {t("cancel")}
      </Button>
      <Button type="submit" loading={isSaving}>
        {t("save")}
      </Button>
    </div>
  );
}
