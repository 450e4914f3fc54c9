// Files that will go with the next message: seen before they are sent.
import { CloseButton } from "@mantine/core";
import { IconFile } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useWords } from "../../i18n/words";

interface Props {
  readonly files: readonly File[];
  readonly onRemove: (file: File) => void;
}

export function Staged({ files, onRemove }: Props) {
  const { t } = useWords();
  if (files.length === 0) return null;
  return (
    <ul className="staged">
      {files.map((file) => (
        <li key={`${file.name} ${file.size} ${file.lastModified}`}>
          <Preview file={file} />
          <span className="one-line">{file.name}</span>
          <CloseButton
            size="sm"
            aria-label={t("composer.unstage", { name: file.name })}
            onClick={() => onRemove(file)}
          />
        </li>
      ))}
    </ul>
  );
}

function Preview({ file }: { file: File }) {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!file.type.startsWith("image/")) return;
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return url === null ? <IconFile size={28} aria-hidden /> : <img src={url} alt="" />;
}
