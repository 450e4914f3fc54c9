// The page in front of the house: one card, and a choice of language for those who cannot read it.
import type { ReactNode } from "react";
import { useLanguage } from "../../app/preferences";
import { LANGUAGES, type Language } from "../../i18n/words";

export function Door({ title, children }: { title: string; children: ReactNode }) {
  const [language, setLanguage] = useLanguage();
  return (
    <main className="door">
      <div className="door-card">
        <img src="/favicon.svg" alt="" width="44" height="44" />
        <h1>{title}</h1>
        {children}
      </div>
      <div className="door-languages">
        {Object.entries(LANGUAGES).map(([code, name]) => (
          <button
            key={code}
            type="button"
            lang={code}
            className="link"
            aria-pressed={code === language}
            onClick={() => setLanguage(code as Language)}
          >
            {name}
          </button>
        ))}
      </div>
    </main>
  );
}
