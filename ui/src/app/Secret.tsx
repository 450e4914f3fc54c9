// Something that is shown once: to be copied now or never.
import { CopyButton } from "./CopyButton";

export function Secret({ text, hint }: { text: string; hint: string }) {
  return (
    <div className="secret" role="status">
      <p>{hint}</p>
      <output>{text}</output>
      <CopyButton text={text} />
    </div>
  );
}
