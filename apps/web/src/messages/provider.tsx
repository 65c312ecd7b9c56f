import { type ReactNode, useCallback, useMemo, useState } from 'react';
import { keepLanguage, type Language, LanguageContext, loadMessages, type Messages } from './index.ts';

interface Loaded {
  readonly language: Language;
  readonly messages: Messages;
}

/** Gives the texts to everything inside, from a language that is loaded already. */
export function LanguageProvider({ start, children }: { start: Loaded; children: ReactNode }) {
  const [loaded, setLoaded] = useState(start);
  const choose = useCallback((language: Language) => {
    void loadMessages(language).then((messages) => {
      keepLanguage(language);
      setLoaded({ language, messages });
    });
  }, []);
  const state = useMemo(() => ({ ...loaded, choose }), [loaded, choose]);
  return <LanguageContext value={state}>{children}</LanguageContext>;
}
