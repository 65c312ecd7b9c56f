import type { Reply } from '@accord/protocol';
import { useEffect, useState } from 'react';
import { Link, Redirect } from 'wouter';
import { call } from '../../api/client.ts';
import { Banner, Button, ButtonLink, ErrorState, Page, Skeleton } from '../../design/index.ts';
import { useLanguage, useMessages } from '../../messages/index.ts';
import { detour } from '../detour.ts';
import { useEngine, useStatus } from '../engine-access.tsx';
import { useAction, useLoad } from '../load.ts';
import { dayInWords } from '../time.ts';
import { isJoining, placeAfterProof } from '../way-back.ts';
import { Failure } from './failure.tsx';
import styles from './gate.module.css';
import { Checking } from './gate-checking.tsx';
import { Kept } from './gate-kept.tsx';
import { Methods } from './gate-methods.tsx';
import { Reopen } from './gate-reopen.tsx';
import { OnlyWallet } from './gate-wallet.tsx';
import { cameBackEmpty, type ProofReturn, readProofReturn } from './proof-return.ts';
import { Progress } from './start.tsx';

/** The proof of age: the ways, what is kept, and the return from one of them. */
export default function Gate() {
  const status = useStatus();
  const [returned, setReturned] = useState(() => readProofReturn(location.search, location.hash));
  const [empty, setEmpty] = useState(() => returned === null && cameBackEmpty(location.search));
  useEffect(() => {
    // What one came back with is good for one answer: the address forgets it at once.
    if (location.search !== '' || location.hash !== '') history.replaceState(history.state, '', '/gate');
  }, []);
  const again = () => {
    setReturned(null);
    setEmpty(false);
  };
  const elsewhere = detour('members', status);
  if (elsewhere !== null) return returned === null ? <Redirect to={elsewhere} replace /> : <OtherBrowser />;
  if (returned !== null) return <Checking proof={returned} onEnd={again} />;
  // Proved here, or in another tab.
  if (status.stage === 'ready') return <Onward />;
  return <Choose empty={empty} onAnswer={setReturned} />;
}

/** Back to the page that a proof was asked for on. */
function Onward() {
  const [place] = useState(placeAfterProof);
  return <Redirect to={place} replace />;
}

interface WaysProps {
  readonly onAnswer: (proof: ProofReturn) => void;
}

/** The ways to choose from, or the one that there is. */
function Ways({ methods, onAnswer }: WaysProps & Pick<Reply<'gate.read'>, 'methods'>) {
  const [first, ...others] = methods;
  if (first?.kind === 'wallet' && first.available && others.length === 0)
    return <OnlyWallet onAnswer={onAnswer} />;
  return <Methods methods={methods} onAnswer={onAnswer} />;
}

function Choose({ empty, ...to }: WaysProps & { readonly empty: boolean }) {
  const t = useMessages().gate;
  const gate = useLoad((signal) => call('gate.read', { signal }), []);
  // Which of the pages it is shows only then.
  if (gate.state === 'loading') return <Skeleton rows={3} />;
  const adult = gate.state === 'ready' ? gate.value.adult : null;
  if (gate.state === 'ready' && adult !== null) {
    const { open, methods, terms } = gate.value;
    if (open) return <Open until={adult.until} />;
    const ways = <Ways methods={methods} {...to} />;
    if (terms.reopen === 'passkey') return <Reopen methods={ways} leave={<Leave />} />;
    return (
      <Page title={t.again.title} documentTitle={t.documentTitle} lead={t.again.lead(terms.idleMinutes)}>
        {empty && <EmptyHanded />}
        {ways}
        <Leave />
      </Page>
    );
  }
  return (
    <Page title={t.title} documentTitle={t.documentTitle} lead={t.lead}>
      {isJoining() ? <Progress current={2} /> : <Banner>{t.waits}</Banner>}
      {empty && <EmptyHanded />}
      {gate.state === 'failed' && <ErrorState error={gate.error} onRetry={gate.reload} />}
      {gate.state === 'ready' && (
        <>
          <Ways methods={gate.value.methods} {...to} />
          <Kept rules={gate.value} />
        </>
      )}
      <Leave />
    </Page>
  );
}

function EmptyHanded() {
  const t = useMessages().gate;
  return (
    <Banner kind="warn" live>
      {t.emptyHanded}
    </Banner>
  );
}

/** The gate is open to this session, and the engine has not heard of it. */
function Open({ until }: { readonly until: number }) {
  const { messages, language } = useLanguage();
  const t = messages.gate;
  const engine = useEngine();
  const { run, busy, error } = useAction();
  const goOn = () => run(async () => void (await engine.account.refresh()));
  return (
    <Page title={t.passedTitle} documentTitle={t.documentTitle} lead={t.passed(dayInWords(until, language))}>
      <Failure error={error} />
      <Button wide busy={busy} onClick={() => void goOn()}>
        {t.onward}
      </Button>
    </Page>
  );
}

/** A wallet led to another browser than the one that began: nothing is taken here, and that one can't see it. */
function OtherBrowser() {
  const t = useMessages().gate.elsewhere;
  return (
    <Page title={t.title} documentTitle={t.documentTitle} lead={t.lead}>
      <p>{t.next}</p>
      <ButtonLink href="/sign-in" kind="soft" wide>
        {t.signIn}
      </ButtonLink>
    </Page>
  );
}

/** How age is checked, and the ways out: each is explained where it is done. */
function Leave() {
  const t = useMessages().gate;
  return (
    <ul className={styles.leave}>
      <li>
        <Link href="/age-statement">{t.statementLink}</Link>
      </li>
      <li>
        <Link href="/you/account">{t.leave}</Link>
      </li>
    </ul>
  );
}
