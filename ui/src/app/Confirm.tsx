// Asks once more before something that hurts.
import { Button, Modal } from "@mantine/core";
import { useWords } from "../i18n/words";

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
    <Modal
      opened
      centered
      onClose={onClose}
      title={title}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      <p>{text}</p>
      <div className="dialog-buttons">
        <Button variant="default" onClick={onClose}>
          {t("cancel")}
        </Button>
        <Button onClick={onYes} data-autofocus>
          {yes}
        </Button>
      </div>
    </Modal>
  );
}
