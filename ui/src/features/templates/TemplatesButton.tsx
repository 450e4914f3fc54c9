// All templates behind one button, for whoever does not know `/`.
import { ActionIcon, Menu } from "@mantine/core";
import { IconTemplate } from "@tabler/icons-react";
import { useLocation } from "wouter";
import { useAccess } from "../../app/access";
import { useWords } from "../../i18n/words";
import { type Template, useTemplates } from "./templates";

export function TemplatesButton({ onChoose }: { onChoose: (template: Template) => void }) {
  const { t } = useWords();
  const { may, isWindow } = useAccess();
  const [, goTo] = useLocation();
  const { data: templates = [] } = useTemplates();
  const keeps = may("steer") && !isWindow;
  if (templates.length === 0 && !keeps) return null;
  return (
    <Menu position="top-start" withinPortal width={320} returnFocus={false}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={42} aria-label={t("templates.title")}>
          <IconTemplate size={22} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown className="templates-menu">
        {templates.map((template) => (
          <Menu.Item key={template.id} onClick={() => onChoose(template)}>
            <strong>{template.name}</strong>
            <span className="hint one-line">{template.text}</span>
          </Menu.Item>
        ))}
        {keeps && (
          <Menu.Item onClick={() => goTo("/settings#templates")}>{t("templates.keep")}</Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
