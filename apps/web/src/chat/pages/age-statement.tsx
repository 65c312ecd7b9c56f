import type { Reply } from '@accord/protocol';
import type { ReactNode } from 'react';
import { call } from '../../api/client.ts';
import { Card, ErrorState, Page, Skeleton } from '../../design/index.ts';
import { useLanguage, useMessages } from '../../messages/index.ts';
import { useLoad } from '../load.ts';
import { dayInWords } from '../time.ts';
import styles from './gate.module.css';
import { keptLines } from './gate-kept.tsx';

type Statement = Reply<'gate.statement'>;

/** Where the statement is as data, for whoever audits. */
const asData = '/api/gate/statement';

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
  const { messages, language } = useLanguage();
  const g = messages.gate;
  const t = g.statement;
  return (
    <>
      <Rules statement={statement} />
      <Ways statement={statement} />
      <Again statement={statement} />
      <Part title={g.keptTitle} items={[...keptLines(g, statement), t.underWay]} />
      <Part title={g.notKeptTitle} items={g.notKept} />
      <Part title={t.limitsTitle} items={t.limits} />
      <Part
        title={t.countedTitle}
        items={[t.counted, ...(triesOf(statement) === null ? [] : [t.countedTries])]}
      />
      <Part title={t.wrongTitle} items={[t.wrong]} />
      <p className={styles.about}>
        {t.asOf(dayInWords(Date.now(), language), location.origin)} <a href={asData}>{t.asData}</a>
      </p>
    </>
  );
}

/** The tries of a day, where anything that is shown uses one up: what proves nothing does not. */
const triesOf = ({ methods, terms }: Statement): number | null =>
  methods.some(({ kind }) => kind !== 'test') ? terms.tries : null;

function Rules({ statement: { jurisdictions, methods, asks, version } }: { readonly statement: Statement }) {
  const t = useMessages().gate.statement;
  const places = (jurisdictions as (keyof typeof t.places)[]).map((place) => t.places[place]);
  const trial = places.length === 0 || methods.some(({ kind }) => kind === 'test');
  return (
    <Part
      title={t.rulesTitle}
      items={[...(trial ? [t.trial] : []), ...places, ...(asks.estimates ? [] : [t.noEstimates])]}
    >
      <p className={styles.about}>{t.version(version)}</p>
    </Part>
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
            {doubleBlind && kind !== 'wallet' && <dd>{g.doubleBlind}</dd>}
            {kind !== 'test' && <dd>{t[assurance]}</dd>}
            {!available && <dd>{g.notNow}</dd>}
          </div>
        ))}
      </dl>
    </Card>
  );
}

function Again({ statement }: { readonly statement: Statement }) {
  const { terms, asks, listUntil, listGraceDays } = statement;
  const tries = triesOf(statement);
  const { messages, language } = useLanguage();
  const t = messages.gate.statement;
  const byPasskey = terms.reopen === 'passkey';
  const list = (until: number) => [
    (until > Date.now() ? t.list : t.listLate)(dayInWords(until, language)),
    listGraceDays > 0 ? t.listGrace(listGraceDays) : t.listNoGrace,
  ];
  const items = [
    t.days(terms.days),
    byPasskey ? t.byPasskey : t.byProof,
    ...(byPasskey && asks.reopen === 'proof' ? [t.byPasskeyInstead] : []),
    ...(terms.openHours === null ? [] : [t.hours(terms.openHours)]),
    ...(terms.idleMinutes === null ? [] : [t.idle(terms.idleMinutes)]),
    t.held,
    t.recovered,
    ...(tries === null ? [] : [t.tries(tries)]),
    ...(listUntil === null ? [] : list(listUntil)),
  ];
  return <Part title={t.whenTitle} items={items} />;
}

interface PartProps {
  readonly title: string;
  readonly items: readonly string[];
  readonly children?: ReactNode;
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
