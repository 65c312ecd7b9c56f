import type { Reply } from '@accord/protocol';
import { useEffect, useRef, useState } from 'react';
import { Redirect, useLocation } from 'wouter';
import { call } from '../../api/client.ts';
import {
  Banner,
  Button,
  ButtonLink,
  Card,
  CheckIcon,
  CloseIcon,
  EmptyState,
  ErrorState,
  ForwardIcon,
  Page,
  ShieldIcon,
  Skeleton,
} from '../../design/index.ts';
import { useLanguage } from '../../messages/index.ts';
import { useEngine, useStatus } from '../engine-access.tsx';
import { useAction, useLoad } from '../load.ts';
import { dayInWords } from '../time.ts';
import { Failure } from './failure.tsx';
import styles from './gate.module.css';
import { type ProofReturn, readProofReturn } from './proof-return.ts';
import { Progress } from './start.tsx';

type Method = Reply<'gate.read'>['methods'][number];

/** The proof of age: what is kept, the ways, and the return from one of them. */
export default function Gate() {
  const [returned, setReturned] = useState(() => readProofReturn(location.search, location.hash));
  const { stage } = useStatus();
  const [arrivedReady] = useState(stage === 'ready');
  if (returned !== null) return <Checking proof={returned} onAgain={() => setReturned(null)} />;
  if (arrivedReady) return <Redirect to="/people" replace />;
  return <Choose />;
}

function Choose() {
  const { messages, language } = useLanguage();
  const t = messages.gate;
  const gate = useLoad((signal) => call('gate.read', { signal }), []);
  const engine = useEngine();
  const [, go] = useLocation();
  const leave = useAction();
  return (
    <Page title={t.title} documentTitle={t.documentTitle} lead={t.lead}>
      <Progress current={2} />
      <Kept />
      {gate.state === 'loading' && <Skeleton rows={1} />}
      {gate.state === 'failed' && <ErrorState error={gate.error} onRetry={gate.reload} />}
      {gate.state === 'ready' && <Methods methods={gate.value.methods} key={language} />}
      <div className={styles.leave}>
        <Button
          kind="plain"
          busy={leave.busy}
          onClick={() => void leave.run(() => engine.account.signOut()).then((done) => done && go('/'))}
        >
          {t.signOut}
        </Button>
        <Failure error={leave.error} />
      </div>
    </Page>
  );
}

function Kept() {
  const t = useLanguage().messages.gate;
  return (
    <div className={styles.kept}>
      <Card>
        <h2 className={styles.small}>{t.keptTitle}</h2>
        <List items={t.kept} icon="yes" />
      </Card>
      <Card>
        <h2 className={styles.small}>{t.notKeptTitle}</h2>
        <List items={t.notKept} icon="no" />
      </Card>
    </div>
  );
}

function List({ items, icon }: { readonly items: readonly string[]; readonly icon: 'yes' | 'no' }) {
  const Shape = icon === 'yes' ? CheckIcon : CloseIcon;
  return (
    <ul className={styles.list}>
      {items.map((item) => (
        <li key={item} className={styles[icon]}>
          <Shape size={18} />
          {item}
        </li>
      ))}
    </ul>
  );
}

function Methods({ methods }: { readonly methods: readonly Method[] }) {
  const t = useLanguage().messages.gate;
  const action = useAction();
  const [chosen, setChosen] = useState<string | null>(null);
  const begin = (method: string) => {
    setChosen(method);
    void action.run(async () => {
      const { present } = await call('gate.begin', { body: { method } });
      if (present.kind !== 'browser') location.assign(present.url);
    });
  };
  if (methods.length === 0) return <Banner kind="warn">{t.none}</Banner>;
  return (
    <section className={styles.methods} aria-labelledby="methods">
      <h2 id="methods" className={styles.small}>
        {t.choose}
      </h2>
      {methods.some(({ kind }) => kind === 'test') && <Banner kind="warn">{t.testOnly}</Banner>}
      <Failure error={action.error} />
      {methods.map(({ id, kind }) => (
        <button
          key={id}
          type="button"
          className={styles.method}
          aria-busy={(action.busy && chosen === id) || undefined}
          onClick={() => begin(id)}
        >
          <ShieldIcon size={28} />
          <span className={styles.words}>
            <strong>{t.methods[kind].name}</strong>
            <span>{action.busy && chosen === id ? t.leaving : t.methods[kind].about}</span>
          </span>
          <ForwardIcon size={20} />
        </button>
      ))}
    </section>
  );
}

interface CheckingProps {
  readonly proof: ProofReturn;
  readonly onAgain: () => void;
}

/** How long the engine may take to learn of a new proof before one goes on without, in ms. */
const refreshWithin = 5000;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function Checking({ proof, onAgain }: CheckingProps) {
  const { messages, language } = useLanguage();
  const t = messages.gate;
  const engine = useEngine();
  const started = useRef(false);
  const [until, setUntil] = useState<number | null>(null);
  const { run, error } = useAction();
  useEffect(() => {
    // A proof is good for one answer: the address forgets it at once, and it is never sent twice.
    history.replaceState(history.state, '', '/gate');
    if (started.current) return;
    started.current = true;
    void run(async () => {
      const { proofId, response } = proof;
      const { adult } = await call('gate.finish', { params: { proofId }, body: { response } });
      // The proof holds whatever becomes of this: a slow engine must not look like a refused proof.
      await Promise.race([engine.account.refresh().catch(() => undefined), pause(refreshWithin)]);
      setUntil(adult.until);
    });
  }, [engine, proof, run]);
  if (until !== null) {
    return (
      <Page
        title={t.passedTitle}
        documentTitle={t.documentTitle}
        lead={t.passed(dayInWords(until, language))}
      >
        <Progress current={3} />
        <ButtonLink href="/you/welcome" wide>
          {t.next}
        </ButtonLink>
        <ButtonLink href="/people" kind="plain" wide>
          {t.later}
        </ButtonLink>
      </Page>
    );
  }
  if (error !== null) {
    return (
      <Page title={t.failedTitle} documentTitle={t.documentTitle} lead={t.failedNext}>
        <Failure error={error} />
        <Button wide onClick={onAgain}>
          {t.choose}
        </Button>
      </Page>
    );
  }
  return (
    <div role="status">
      <EmptyState icon={ShieldIcon} title={t.checking} />
    </div>
  );
}
