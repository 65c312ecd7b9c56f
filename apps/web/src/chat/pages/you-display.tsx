import { useState } from 'react';
import { Banner, Card, Chips, HideIcon, Page } from '../../design/index.ts';
import { chooseTheme, chosenTheme, themes } from '../../design/theme.ts';
import { languageNames, languages, useLanguage } from '../../messages/index.ts';

/** How the page looks and speaks, on this device. */
export default function YouDisplay() {
  const { messages, language, choose } = useLanguage();
  const t = messages.you.display;
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <Page title={t.title} back="/you">
      <Card>
        <Chips
          single
          legend={t.language}
          options={languages.map((value) => ({ value, label: languageNames[value] }))}
          chosen={[language]}
          onChange={([next]) => next && choose(next)}
        />
        <Chips
          single
          legend={t.theme}
          options={themes.map((value) => ({ value, label: t.themes[value] }))}
          chosen={[theme]}
          onChange={([next]) => {
            if (next === undefined) return;
            chooseTheme(next);
            setTheme(next);
          }}
        />
      </Card>
      <Banner icon={HideIcon} title={t.hideTitle}>
        {t.hide}
      </Banner>
    </Page>
  );
}
