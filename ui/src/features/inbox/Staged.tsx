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

/** What it is, as far as it can be seen or heard here. */
function Preview({ file }: { file: File }) {
  const { t } = useWords();
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!/^(image|audio)\//.test(file.type)) return;
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  if (url === null) return <IconFile size={28} aria-hidden />;
  if (file.type.startsWith("image/")) return <img src={url} alt="" />;
  return (
    // biome-ignore lint/a11y/useMediaCaption: what was recorded a moment ago has none
    <audio src={url} controls aria-label={t("record.listen", { name: file.name })} />
  );
}
