import { Banner, Card } from '../../design/index.ts';
import { useLanguage } from '../../messages/index.ts';
import { staffName, useMe } from '../me.ts';
import { useConsoleMessages } from '../messages/index.ts';
import { whenInWords } from '../time.ts';
import styles from './case.module.css';
import { type CaseView, useCase } from './context.ts';

/** What was decided, what the sweep covered, and what is still under way. */
export function Outcome() {
  const { view } = useCase();
  return (
    <>
      {view.decision !== null && <Decided view={view} decision={view.decision} />}
      {view.works.length > 0 && <Works works={view.works} />}
    </>
  );
}

function Decided({
  view,
  decision,
}: {
  readonly view: CaseView;
  readonly decision: NonNullable<CaseView['decision']>;
}) {
  const { case: t, decide, events } = useConsoleMessages();
  const { language } = useLanguage();
  const me = useMe();
  const grounds: Readonly<Record<string, string>> = { ...decide.removeGrounds, ...decide.declineGrounds };
  const who = decision.by.map((id) => (id === me.accountId ? events.you : staffName(id))).join(', ');
  return (
    <Card title={t.decision}>
      <p>
        <strong>{grounds[decision.ground] ?? decision.ground}</strong>
      </p>
      <p className={styles.quiet}>{t.decidedBy(who, whenInWords(decision.at, language))}</p>
      <blockquote className={styles.words} dir="auto">
        {decision.words}
      </blockquote>
      {view.told > 0 && <p>{t.toldSenders(view.told)}</p>}
      {view.sweeps.length > 0 && <Sweeps view={view} />}
    </Card>
  );
}

function Sweeps({ view }: { readonly view: CaseView }) {
  const t = useConsoleMessages().case.sweep;
  const { language } = useLanguage();
  const count = new Intl.NumberFormat(language);
  return (
    <div className={styles.stack}>
      <h3 className={styles.small}>{t.title}</h3>
      {view.sweeps.map(({ id, coverage }) =>
        coverage === null ? (
          <p key={id}>{t.runs}</p>
        ) : (
          <Banner
            key={id}
            kind={coverage.complete ? 'good' : 'warn'}
            title={coverage.complete ? t.complete : t.partial}
          >
            {t.words(
              count.format(coverage.registered),
              count.format(coverage.matched),
              count.format(coverage.destroyed),
            )}
            {coverage.unreached > 0 && `, ${t.unreached(coverage.unreached)}`}
          </Banner>
        ),
      )}
      <p className={styles.quiet}>{t.cannot}</p>
    </div>
  );
}

function Works({ works }: { readonly works: CaseView['works'] }) {
  const t = useConsoleMessages().case.works;
  const { language } = useLanguage();
  return (
    <Card title={t.title}>
      <ul className={styles.facts}>
        {works.map(({ kind, tries, nextAt }) => {
          const when = whenInWords(nextAt, language);
          return (
            <li key={`${kind}/${nextAt}`}>
              {t.kinds[kind] ?? kind}{' '}
              <span className={styles.quiet}>{tries > 1 ? t.tries(tries, when) : t.next(when)}</span>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
