import type { Reply } from '@accord/protocol';
import { call } from '../../api/client.ts';
import { Card, ErrorState, Page, Skeleton } from '../../design/index.ts';
import { useLanguage, useMessages } from '../../messages/index.ts';
import { useLoad } from '../load.ts';
import { dayInWords } from '../time.ts';
import styles from './gate.module.css';

type Statement = Reply<'gate.statement'>;

/** The practice statement: how age is checked on this server, from its own settings. */
export default function AgeStatement() {
  const t = useMessages().gate.statement;
  const statement = useLoad((signal) => call('gate.statement', { signal }), []);
  return (
    <Page title={t.title} lead={t.lead}>
      {statement.state === 'loading' && <Skeleton rows={3} />}
      {statement.state === 'failed' && <ErrorState error={statement.error} onRetry={statement.reload} />}
      {statement.state === 'ready' && <Said statement={statement.value} />}
    </Page>
  );
}

function Said({ statement }: { readonly statement: Statement }) {
  const g = useMessages().gate;
  const t = g.statement;
  const places = statement.jurisdictions as (keyof typeof t.places)[];
  return (
    <>
      <Part
        title={t.rulesTitle}
        items={places.length === 0 ? [t.trial] : places.map((place) => t.places[place])}
      >
        <p className={styles.about}>{t.version(statement.version)}</p>
      </Part>
      <Ways statement={statement} />
      <Again statement={statement} />
      <Part title={g.keptTitle} items={g.kept} />
      <Part title={g.notKeptTitle} items={g.notKept} />
      <Part title={t.limitsTitle} items={t.limits} />
      <Part title={t.countedTitle} items={[t.counted]} />
      <Part title={t.wrongTitle} items={[t.wrong]} />
    </>
  );
}

function Ways({ statement: { methods } }: { readonly statement: Statement }) {
  const { messages, language } = useLanguage();
  const g = messages.gate;
  const t = g.statement;
  return (
    <Card>
      <h2 className={styles.small}>{t.methodsTitle}</h2>
      {methods.length === 0 && <p>{g.none}</p>}
      <dl className={styles.ways}>
        {methods.map(({ id, kind, name, learns, doubleBlind, assurance, available }) => (
          <div key={id}>
            <dt>{name?.[language] ?? g.methods[kind].name}</dt>
            <dd>{learns?.[language] ?? g.methods[kind].learns}</dd>
            {doubleBlind && <dd>{g.doubleBlind}</dd>}
            {kind !== 'test' && <dd>{t[assurance]}</dd>}
            {!available && <dd>{g.notNow}</dd>}
          </div>
        ))}
      </dl>
    </Card>
  );
}

function Again({ statement: { terms, listUntil } }: { readonly statement: Statement }) {
  const { messages, language } = useLanguage();
  const t = messages.gate.statement;
  const items = [
    t.days(terms.days),
    ...(terms.openHours === null ? [] : [t.hours(terms.openHours)]),
    ...(terms.idleMinutes === null ? [] : [t.idle(terms.idleMinutes)]),
    terms.reopen === 'passkey' ? t.byPasskey : t.byProof,
    t.held,
    t.recovered,
    ...(terms.tries === null ? [] : [t.tries(terms.tries)]),
    ...(listUntil === null ? [] : [t.list(dayInWords(listUntil, language))]),
  ];
  return <Part title={t.whenTitle} items={items} />;
}

interface PartProps {
  readonly title: string;
  readonly items: readonly string[];
  readonly children?: React.ReactNode;
}

function Part({ title, items, children }: PartProps) {
  return (
    <Card>
      <h2 className={styles.small}>{title}</h2>
      {items.length === 1 ? (
        <p>{items[0]}</p>
      ) : (
        <ul className={styles.plain}>
          {items.map((item) => (
            <li key={item}>{item}</li>
          ))}
        </ul>
      )}
      {children}
    </Card>
  );
}
