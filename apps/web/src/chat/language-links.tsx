import { languageNames, languages, useLanguage, useMessages } from '../messages/index.ts';
import styles from './shell.module.css';

/** The languages, each by its own name. */
export function LanguageLinks() {
  const { language, choose } = useLanguage();
  const t = useMessages().common;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group with a name, not a form's fieldset
    <div className={styles.languages} role="group" aria-label={t.language}>
      {languages.map((one) => (
        <button
          key={one}
          type="button"
          lang={one}
          className={styles.language}
          aria-pressed={one === language}
          aria-label={`${one.toUpperCase()}, ${languageNames[one]}`}
          onClick={() => choose(one)}
        >
          {one.toUpperCase()}
        </button>
      ))}
    </div>
  );
}
