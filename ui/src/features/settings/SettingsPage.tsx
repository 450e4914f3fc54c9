// What each reader chooses for themselves, and what an administrator chooses for the account.
import { Button, SegmentedControl, Select, useMantineColorScheme } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { api, asked, signedOut } from "../../api/client";
import { useAccess } from "../../app/access";
import { useComplaint } from "../../app/complaints";
import { useLanguage } from "../../app/preferences";
import { type Key, LANGUAGES, type Language, useWords } from "../../i18n/words";
import { TemplatesCard } from "../templates/TemplatesCard";
import { AttentionCard } from "./AttentionCard";
import { NoticesCard } from "./NoticesCard";
import { PasswordForm } from "./PasswordForm";

const SCHEMES = ["light", "dark", "auto"] as const;

export default function SettingsPage() {
  const { t } = useWords();
  const { session, may } = useAccess();
  return (
    <div className="page-inner narrow">
      <header className="page-head">
        <h1>{t("nav.settings")}</h1>
      </header>
      <section className="card">
        <h2>{session.name}</h2>
        <p className="hint">
          {session.email} · {session.account_name} ·{" "}
          {session.role === null ? t("role.someChannels") : t(`role.${session.role}` as Key)}
        </p>
        <SignOut />
      </section>
      <Looks />
      <AttentionCard />
      {may("read") && <TemplatesCard />}
      {may("administer") && <NoticesCard />}
      <PasswordForm />
    </div>
  );
}

function SignOut() {
  const { t } = useWords();
  const leave = useMutation({
    mutationFn: (everywhere: boolean) =>
      asked(api.DELETE("/api/v1/session", { params: { query: { everywhere } } })),
    onSuccess: signedOut,
    onError: useComplaint(),
  });
  return (
    <div className="buttons">
      <Button variant="default" onClick={() => leave.mutate(false)} loading={leave.isPending}>
        {t("settings.signOut")}
      </Button>
      <button type="button" className="link" onClick={() => leave.mutate(true)}>
        {t("settings.signOutEverywhere")}
      </button>
    </div>
  );
}

function Looks() {
  const { t } = useWords();
  const [language, setLanguage] = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <section className="card">
      <h2>{t("settings.looks")}</h2>
      <Select
        label={t("settings.language")}
        value={language}
        onChange={(value) => setLanguage(value as Language)}
        data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
        allowDeselect={false}
        maw={320}
      />
      <div>
        <p className="label">{t("settings.colours")}</p>
        <SegmentedControl
          aria-label={t("settings.colours")}
          value={colorScheme}
          onChange={(value) => setColorScheme(value as (typeof SCHEMES)[number])}
          data={SCHEMES.map((value) => ({ value, label: t(`settings.colours.${value}`) }))}
        />
      </div>
    </section>
  );
}
