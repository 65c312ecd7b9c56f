import type { Reply } from '@accord/protocol';
import { useState } from 'react';
import { Chips } from '../../design/index.ts';
import { type Language, languageNames, languages, useLanguage } from '../../messages/index.ts';
import { useConsoleMessages } from '../messages/index.ts';
import styles from './case.module.css';

type Preview = Reply<'cases.preview'>;

/** The very words that go out, in either language: each side reads its own. */
export function Previewed({ preview }: { readonly preview: Preview }) {
  const t = useConsoleMessages().decide;
  const { language } = useLanguage();
  const [shown, setShown] = useState<Language>(language);
  const statement = preview.statement?.[shown];
  return (
    <div className={styles.stack}>
      <Chips
        legend={t.language}
        options={languages.map((value) => ({ value, label: languageNames[value] }))}
        chosen={[shown]}
        onChange={([one]) => setShown(one ?? language)}
        single
      />
      <section className={styles.letter}>
        <h4>{t.toReporter}</h4>
        <p lang={shown}>{preview.answer[shown]}</p>
      </section>
      <section className={styles.letter}>
        <h4>{t.toSender}</h4>
        {statement === undefined ? (
          <p>{t.noSender}</p>
        ) : (
          <dl className={styles.pairs}>
            <dt>{t.restriction}</dt>
            <dd>{t.restrictions[statement.restriction]}</dd>
            <dt>{t.facts}</dt>
            <dd lang={shown}>{statement.facts}</dd>
            <dt>{t.legalGround}</dt>
            <dd lang={shown}>{statement.legalGround}</dd>
            <dt>{t.legalExplanation}</dt>
            <dd lang={shown}>{statement.legalExplanation}</dd>
            <dt>{t.automation}</dt>
            <dd>
              {statement.automatedDetection || statement.automatedDecision !== 'not'
                ? statement.automatedDecision
                : t.notAutomated}
            </dd>
            <dt>{t.redress}</dt>
            <dd lang={shown}>{statement.redress}</dd>
          </dl>
        )}
      </section>
      <section className={styles.letter}>
        <h4>{t.toDatabase}</h4>
        {preview.record === null ? (
          <p>{t.noDatabase}</p>
        ) : (
          <dl className={styles.pairs} lang="en" translate="no">
            {Object.entries(preview.record)
              // Drawn anew for the decision itself.
              .filter(([name]) => name !== 'puid')
              .map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{Array.isArray(value) ? value.join(', ') : String(value)}</dd>
                </div>
              ))}
          </dl>
        )}
      </section>
    </div>
  );
}
