import { citations, needTexts } from '@accord/law';
import { Banner, Card } from '../../design/index.ts';
import { useLanguage } from '../../messages/index.ts';
import { useConsoleMessages } from '../messages/index.ts';
import { Tag } from '../tags.tsx';
import { whenInWords } from '../time.ts';
import styles from './case.module.css';
import { type CaseView, useCase } from './context.ts';

/** What those who asked said, what the law still misses, and where it is said to be. */
export function Said() {
  const t = useConsoleMessages().case;
  const { view } = useCase();
  const places = view.items.filter(({ kind }) => kind === 'place');
  return (
    <>
      <Card title={t.said} rows>
        {view.reporters.map((reporter, at) => (
          <Reporter key={reporter.id} reporter={reporter} at={at + 1} />
        ))}
        {places.length > 0 && (
          <div>
            <h3 className={styles.small}>{t.places}</h3>
            <ul className={styles.places}>
              {places.map(({ id, place }) => (
                // As text: nobody follows a link to such a page by accident.
                <li key={id} dir="auto" translate="no">
                  {place}
                </li>
              ))}
            </ul>
          </div>
        )}
        {view.identity.length > 0 && <Identity view={view} />}
      </Card>
      <Validity view={view} />
    </>
  );
}

function Reporter({
  reporter,
  at,
}: {
  readonly reporter: CaseView['reporters'][number];
  readonly at: number;
}) {
  const t = useConsoleMessages().case;
  const { language } = useLanguage();
  const { said } = reporter;
  return (
    <div className={styles.stack}>
      <p className={styles.clockLine}>
        <strong>{t.reporter(at)}</strong>
        <span>{t.filedAt(whenInWords(reporter.at, language))}</span>
      </p>
      {reporter.withdrawn && <Tag tone="warn">{t.withdrawn}</Tag>}
      {said === null ? (
        <p className={styles.quiet}>{t.notKept}</p>
      ) : (
        <>
          <ul className={styles.facts}>
            <li>{t.capacity[reporter.capacity ?? 'none']}</li>
            <li>{t.kinds[said.kind ?? 'none']}</li>
            <li>{t.minor[said.minor ?? 'none']}</li>
            <li>{t.consent[said.consent ?? 'none']}</li>
            <li>{said.intimate ? t.intimate : t.notIntimate}</li>
            {said.goodFaith && <li>{t.goodFaith}</li>}
          </ul>
          {said.words !== '' && (
            <blockquote className={styles.words} dir="auto">
              {said.words}
            </blockquote>
          )}
        </>
      )}
    </div>
  );
}

function Identity({ view }: { readonly view: CaseView }) {
  const t = useConsoleMessages().case;
  return (
    <div className={styles.stack}>
      <h3 className={styles.small}>{t.identity}</h3>
      {view.identity.map(({ reporterId, signature, contact }) => (
        <dl key={reporterId} className={styles.pairs}>
          <dt>{t.signature}</dt>
          <dd dir="auto">{signature}</dd>
          <dt>{t.contact}</dt>
          <dd dir="auto">{contact}</dd>
        </dl>
      ))}
      <p className={styles.quiet}>{t.identityShown}</p>
    </div>
  );
}

function Validity({ view }: { readonly view: CaseView }) {
  const t = useConsoleMessages().case;
  const { language } = useLanguage();
  return (
    <Card title={t.validity}>
      {view.validUnder.length === 0 ? (
        <p>{t.validNone}</p>
      ) : (
        <div>
          <h3 className={styles.small}>{t.validUnder}</h3>
          <ul className={styles.facts}>
            {view.validUnder.map((law) => (
              <li key={law}>
                {citations[law].name[language]} <span className={styles.quiet}>{citations[law].article}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
      {view.missing.length > 0 && (
        <Banner kind="warn" title={t.missing}>
          <ul className={styles.facts}>
            {view.missing.map((need) => (
              <li key={need}>{needTexts[need][language]}</li>
            ))}
          </ul>
        </Banner>
      )}
    </Card>
  );
}
