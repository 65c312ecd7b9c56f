import { useEffect, useRef, useState } from 'react';
import { call } from '../../api/client.ts';
import { Banner, Button, Card, DeviceIcon, Page, PhoneIcon, ShieldIcon } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import { useAction, useLoad } from '../load.ts';
import { askBrowser, canAskBrowser, type Problem, problemOf } from './ask-wallet.ts';
import { Failure } from './failure.tsx';
import styles from './gate.module.css';
import { CodeForPhone } from './gate-code.tsx';
import type { ProofReturn } from './proof-return.ts';
import { useAnswer } from './use-answer.ts';

interface WaysProps {
  readonly onAnswer: (proof: ProofReturn) => void;
  readonly onBack: () => void;
}

/** The wallet: asked by the browser, by its app on this device, or by a code that a phone reads. */
export function WalletWays({ onAnswer, onBack }: WaysProps) {
  const t = useMessages().gate.wallet;
  return (
    <Page title={t.title} documentTitle={t.documentTitle} lead={t.lead}>
      {canAskBrowser() && <ByBrowser onAnswer={onAnswer} />}
      <ByLink />
      <ByCode onAnswer={onAnswer} />
      <Button kind="plain" onClick={onBack}>
        {t.back}
      </Button>
    </Page>
  );
}

/** How long before its end a request is no longer worth asking with, in ms. */
const tooLate = 60_000;

function ByBrowser({ onAnswer }: { readonly onAnswer: WaysProps['onAnswer'] }) {
  const t = useMessages().gate.wallet;
  // Asked for beforehand: the browser lets a page ask only just after a click.
  const begun = useLoad(
    (signal) => call('gate.begin', { body: { method: 'wallet', way: 'browser' }, signal }),
    [],
  );
  const [waiting, setWaiting] = useState<AbortController | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const current = useRef<AbortController | null>(null);
  useEffect(() => () => current.current?.abort(), []);
  const ask = async () => {
    if (begun.state !== 'ready') return;
    const { proofId, present, expiresAt } = begun.value;
    if (present.kind !== 'browser') return;
    const controller = new AbortController();
    current.current = controller;
    setProblem(null);
    setWaiting(controller);
    try {
      onAnswer({ proofId, response: await askBrowser(present.requests, controller, expiresAt - tooLate) });
    } catch (error) {
      setWaiting(null);
      setProblem(problemOf(error));
      begun.reload();
    }
  };
  return (
    <Card>
      {problem !== null && (
        <Banner kind={problem === 'stopped' ? 'info' : 'warn'} live>
          {t.problems[problem]}
        </Banner>
      )}
      <p className={styles.about}>{t.browserAbout}</p>
      <Failure error={begun.state === 'failed' ? begun.error : null} />
      <Button
        icon={ShieldIcon}
        wide
        busy={waiting !== null || begun.state === 'loading'}
        onClick={() => void ask()}
      >
        {waiting === null ? t.browser : t.waiting}
      </Button>
      {waiting !== null && (
        <Button kind="plain" wide onClick={() => waiting.abort()}>
          {t.stop}
        </Button>
      )}
    </Card>
  );
}

function ByLink() {
  const t = useMessages().gate.wallet;
  const action = useAction();
  const [proofId, setProofId] = useState<string | null>(null);
  const state = useAnswer(proofId);
  const open = () =>
    action.run(async () => {
      const { proofId: id, present } = await call('gate.begin', { body: { method: 'wallet', way: 'link' } });
      if (present.kind === 'browser') return;
      setProofId(id);
      location.assign(present.url);
    });
  return (
    <Card>
      <p className={styles.about}>{t.linkAbout}</p>
      <Failure error={action.error} />
      {state === 'waiting' && (
        <Banner live>
          {t.linkWaiting} {t.linkNothing}
        </Banner>
      )}
      {state === 'answered' && (
        <Banner kind="good" live>
          {t.linkAnswered}
        </Banner>
      )}
      {state === 'over' && (
        <Banner kind="warn" live>
          {t.over}
        </Banner>
      )}
      <Button icon={DeviceIcon} kind="soft" wide busy={action.busy} onClick={() => void open()}>
        {t.link}
      </Button>
    </Card>
  );
}

function ByCode({ onAnswer }: { readonly onAnswer: WaysProps['onAnswer'] }) {
  const t = useMessages().gate.wallet;
  const action = useAction();
  const [shown, setShown] = useState<{ readonly proofId: string; readonly url: string } | null>(null);
  const state = useAnswer(shown?.proofId ?? null);
  useEffect(() => {
    if (state === 'answered' && shown !== null) onAnswer({ proofId: shown.proofId, response: '' });
  }, [state, shown, onAnswer]);
  const show = () =>
    action.run(async () => {
      const { proofId, present } = await call('gate.begin', { body: { method: 'wallet', way: 'code' } });
      if (present.kind !== 'browser') setShown({ proofId, url: present.url });
    });
  const over = state === 'over';
  return (
    <Card>
      <p className={styles.about}>{t.codeAbout}</p>
      <Failure error={action.error} />
      {over && (
        <Banner kind="warn" live>
          {t.over}
        </Banner>
      )}
      {shown !== null && !over && <CodeForPhone url={shown.url} />}
      {(shown === null || over) && (
        <Button icon={PhoneIcon} kind="soft" wide busy={action.busy} onClick={() => void show()}>
          {over ? t.newCode : t.code}
        </Button>
      )}
    </Card>
  );
}
