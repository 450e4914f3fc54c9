// A file in a chat: seen or heard in place if it lies here, else a link. Foreign pictures are never fetched.
import { IconExternalLink, IconFile } from "@tabler/icons-react";
import type { Schemas } from "../../api/client";
import { useWords } from "../../i18n/words";
import { kindOf, placeOf } from "./files";
import { Voice } from "./Voice";

/** What a message brought, or why it is not here. */
export function Brought({ content }: { content: Schemas["ContentView"] }) {
  const { t } = useWords();
  if (content.uri !== null) return <Attachment uri={content.uri} />;
  const isOnItsWay = content.state === "fetching";
  return (
    <p className="bubble-text gone">
      {t(isOnItsWay ? "message.content.fetching" : "message.content.lost")}
    </p>
  );
}

export function Attachment({ uri }: { uri: string }) {
  const { href, name, isOurs } = placeOf(uri);
  const kind = isOurs ? kindOf(name) : "file";
  if (kind === "image") {
    return (
      <a href={href} target="_blank" rel="noopener noreferrer" className="attached">
        <img src={href} alt={name} loading="lazy" />
      </a>
    );
  }
  if (kind === "video") {
    // biome-ignore lint/a11y/useMediaCaption: what people send each other has none
    return <video src={href} controls preload="metadata" className="attached" aria-label={name} />;
  }
  if (kind === "audio") return <Voice href={href} name={name} />;
  const Sign = isOurs ? IconFile : IconExternalLink;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" className="attached-file">
      <Sign size={20} aria-hidden />
      <span>{name}</span>
    </a>
  );
}
