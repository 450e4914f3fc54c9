// What asks for something above a page. It stays until it is answered or closed.
import { Modal, type ModalProps } from "@mantine/core";
import type { ReactNode } from "react";
import { useWords } from "../i18n/words";
import { useFocusBack } from "./focus";

interface Props extends Pick<ModalProps, "size"> {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function Dialog({ title, onClose, size = "md", children }: Props) {
  const { t } = useWords();
  useFocusBack();
  return (
    <Modal
      opened
      centered
      size={size}
      onClose={onClose}
      title={title}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      {children}
    </Modal>
  );
}
