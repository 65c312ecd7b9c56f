import { useState } from 'react';
import { Link, Redirect, useLocation } from 'wouter';
import { call } from '../../api/client.ts';
import { Button, Card, CheckIcon, CloseIcon, ErrorState, Page, Skeleton } from '../../design/index.ts';
import { useLanguage, useMessages } from '../../messages/index.ts';
import { useEngine, useStatus } from '../engine-access.tsx';
import { useAction, useLoad } from '../load.ts';
import { Failure } from './failure.tsx';
import styles from './gate.module.css';
import { Checking } from './gate-checking.tsx';
import { Methods } from './gate-methods.tsx';
import { Reopen } from './gate-reopen.tsx';
import { WalletWays } from './gate-wallet.tsx';
import { readProofReturn } from './proof-return.ts';
import { Progress } from './start.tsx';

/** The proof of age: what is kept, the ways, and the return from one of them. */
export default function Gate() {
  const [returned, setReturned] = useState(() => readProofReturn(location.search, location.hash));
  const [byWallet, setByWallet] = useState(false);
  const { stage } = useStatus();
  const [arrivedReady] = useState(stage === 'ready');
  const begin = (wallet: boolean) => {
    setReturned(null);
    setByWallet(wallet);
  };
  if (returned !== null) return <Checking proof={returned} onAgain={() => begin(false)} />;
  if (arrivedReady) return <Redirect to="/people" replace />;
  if (byWallet) return <WalletWays onAnswer={setReturned} onBack={() => begin(false)} />;
  return <Choose onWallet={() => begin(true)} />;
}

function Choose({ onWallet }: { readonly onWallet: () => void }) {
  const { messages, language } = useLanguage();
  const gate = useLoad((signal) => call('gate.read', { signal }), []);
  if (gate.state === 'ready' && gate.value.adult !== null && !gate.value.open) {
    const methods = <Methods methods={gate.value.methods} onWallet={onWallet} key={language} />;
    if (gate.value.terms.reopen === 'passkey') return <Reopen methods={methods} leave={<Leave />} />;
    const t = messages.gate.again;
    return (
      <Page title={t.title} documentTitle={messages.gate.documentTitle} lead={t.lead}>
        {methods}
        <Leave />
      </Page>
    );
  }
  const t = messages.gate;
  return (
    <Page title={t.title} documentTitle={t.documentTitle} lead={t.lead}>
      <Progress current={2} />
      <Kept />
      {gate.state === 'loading' && <Skeleton rows={1} />}
      {gate.state === 'failed' && <ErrorState error={gate.error} onRetry={gate.reload} />}
      {gate.state === 'ready' && <Methods methods={gate.value.methods} onWallet={onWallet} key={language} />}
      <Leave />
    </Page>
  );
}

function Leave() {
  const t = useMessages().gate;
  const engine = useEngine();
  const [, go] = useLocation();
  const leave = useAction();
  return (
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
  );
}

function Kept() {
  const t = useMessages().gate;
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
      <p className={styles.whole}>
        <Link href="/age-statement">{t.statementLink}</Link>
      </p>
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
