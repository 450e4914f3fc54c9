// JSON as people read it, to be copied as it is.
import { CopyButton } from "../../app/CopyButton";
import { useWords } from "../../i18n/words";

export function Payload({ body, title }: { body: unknown; title: string }) {
  const { t } = useWords();
  if (body === null) return <p className="hint">{t("webhooks.payload.gone")}</p>;
  const text = JSON.stringify(body, null, 2);
  return (
    <figure className="payload">
      <figcaption>
        {title}
        <CopyButton text={text} variant="default" size="compact-sm" />
      </figcaption>
      <pre className="raw">{text}</pre>
    </figure>
  );
}
