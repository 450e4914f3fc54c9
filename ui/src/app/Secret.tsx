// Something that is shown once: to be copied now or never.
import { Button } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useState } from "react";
import { useWords } from "../i18n/words";

export function Secret({ text, hint }: { text: string; hint: string }) {
  const { t } = useWords();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <div className="secret" role="status">
      <p>{hint}</p>
      <output>{text}</output>
      <Button
        size="sm"
        leftSection={
          copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />
        }
        onClick={() => void copy()}
      >
        {copied ? t("secret.copied") : t("secret.copy")}
      </Button>
    </div>
  );
}
