// Asks once more before something that hurts.
import { Button } from "@mantine/core";
import { useWords } from "../i18n/words";
import { Dialog } from "./Dialog";

interface Props {
  readonly title: string;
  readonly text: string;
  readonly yes: string;
  readonly onYes: () => void;
  readonly onClose: () => void;
}

export function Confirm({ title, text, yes, onYes, onClose }: Props) {
  const { t } = useWords();
  return (
    <Dialog onClose={onClose} title={title}>
      <p>{text}</p>
      <div className="dialog-buttons">
        <Button variant="default" onClick={onClose}>
          {t("cancel")}
        </Button>
        <Button onClick={onYes} data-autofocus>
          {yes}
        </Button>
      </div>
    </Dialog>
  );
}
