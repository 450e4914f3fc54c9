// Copies a text, and says that it has.
import { Button, type ButtonProps } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useState } from "react";
import { useWords } from "../i18n/words";

interface Props extends ButtonProps {
  readonly text: string;
  /** What is copied, where "Copy" alone would not tell. */
  readonly what?: string;
}

export function CopyButton({ text, what, ...looks }: Props) {
  const { t } = useWords();
  const [copied, setCopied] = useState(false);
  const Sign = copied ? IconCheck : IconCopy;
  const copy = async () => {
    await copyText(text);
    setCopied(true);
  };
  return (
    <Button
      size="sm"
      leftSection={<Sign size={16} aria-hidden />}
      onClick={() => void copy()}
      {...looks}
    >
      {copied ? t("secret.copied") : (what ?? t("secret.copy"))}
    </Button>
  );
}

/** Browsers give the clipboard to pages with https only; others take the old way, of a field that is selected. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
