// The templates of the account: read by everybody, kept by managers.
import { Button, Textarea, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useAccess } from "../../app/access";
import { Confirm } from "../../app/Confirm";
import { Dialog } from "../../app/Dialog";
import { useFieldErrors } from "../../app/fieldErrors";
import { SaveButtons } from "../../app/SaveButtons";
import { useWords } from "../../i18n/words";
import {
  keepTemplate,
  type Template,
  useTemplateChange,
  useTemplateRemoval,
  useTemplates,
} from "./templates";

export function TemplatesCard() {
  const { t } = useWords();
  const { may } = useAccess();
  const { data: templates } = useTemplates();
  const [adding, setAdding] = useState(false);
  const place = useRef<HTMLElement>(null);
  const isThere = templates !== undefined;
  useEffect(() => {
    if (isThere && window.location.hash === "#templates") place.current?.scrollIntoView();
  }, [isThere]);
  return (
    <section className="card" ref={place}>
      <header className="card-head">
        <h2>{t("templates.title")}</h2>
        {may("steer") && (
          <Button
            variant="default"
            leftSection={<IconPlus size={18} aria-hidden />}
            onClick={() => setAdding(true)}
          >
            {t("templates.add")}
          </Button>
        )}
      </header>
      <p className="hint">{t("templates.hint")}</p>
      {templates?.length === 0 && <p>{t("templates.none")}</p>}
      <ul className="people templates">
        {templates?.map((template) => (
          <TemplateRow key={template.id} template={template} />
        ))}
      </ul>
      {adding && <TemplateForm template={null} onClose={() => setAdding(false)} />}
    </section>
  );
}

function TemplateRow({ template }: { template: Template }) {
  const { t } = useWords();
  const { may } = useAccess();
  const [dialog, setDialog] = useState<"edit" | "remove" | null>(null);
  const removal = useTemplateRemoval();
  const close = () => setDialog(null);
  return (
    <li>
      <div className="person-who">
        <strong>/{template.name}</strong>
        <span className="hint template-text">{template.text}</span>
      </div>
      {may("steer") && (
        <div className="buttons">
          <button type="button" className="link" onClick={() => setDialog("edit")}>
            {t("channel.edit")}
          </button>
          <button type="button" className="link danger" onClick={() => setDialog("remove")}>
            {t("remove")}
          </button>
        </div>
      )}
      {dialog === "edit" && <TemplateForm template={template} onClose={close} />}
      {dialog === "remove" && (
        <Confirm
          title={t("curators.remove.title", { name: template.name })}
          text={t("templates.remove.text")}
          yes={t("remove")}
          onYes={() => removal.mutate(template.id, { onSettled: close })}
          onClose={close}
        />
      )}
    </li>
  );
}

function TemplateForm(props: { template: Template | null; onClose: () => void }) {
  const { t } = useWords();
  const keeping = useTemplateChange(keepTemplate);
  const { template, onClose } = props;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const wanted = { name: `${form.get("name")}`, text: `${form.get("text")}` };
    keeping.mutate({ id: template?.id ?? null, ...wanted }, { onSuccess: onClose });
  };
  const wrong = useFieldErrors(keeping.error, ["text", "name"]);
  return (
    <Dialog
      title={t(template === null ? "templates.add" : "templates.edit")}
      size="lg"
      onClose={onClose}
    >
      <form onSubmit={submit} className="dialog-form">
        <TextInput
          name="name"
          label={t("templates.name")}
          description={t("templates.name.hint")}
          defaultValue={template?.name}
          required
          maxLength={100}
          data-autofocus
          error={wrong("name")}
        />
        <Textarea
          name="text"
          label={t("templates.text")}
          description={t("templates.text.hint")}
          defaultValue={template?.text}
          required
          autosize
          minRows={3}
          maxRows={12}
          maxLength={10_000}
          error={wrong("text")}
        />
        <SaveButtons onClose={onClose} isSaving={keeping.isPending} />
      </form>
    </Dialog>
  );
}
