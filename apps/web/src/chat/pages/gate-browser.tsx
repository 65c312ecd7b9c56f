import { useEffect, useRef, useState } from 'react';
import { call } from '../../api/client.ts';
import { Banner, Button, Card, ShieldIcon } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import { useLoad } from '../load.ts';
import { askBrowser, type Problem, problemOf } from './ask-wallet.ts';
import { Failure } from './failure.tsx';
import styles from './gate.module.css';
import type { WayProps } from './gate-wallet.tsx';
import type { ProofReturn } from './proof-return.ts';

interface BrowserProps extends WayProps {
  readonly onAnswer: (proof: ProofReturn) => void;
}

/** How long before its end a request is no longer worth asking with, in ms. */
const tooLate = 60_000;

/** A request is made anew this long before it is too late to ask with it, in ms. */
const ahead = 30_000;

/** A proof that is begun, and until when a wallet may be asked with it: by this device's clock alone, in ms. */
async function beginAhead(signal: AbortSignal) {
  const begun = await call('gate.begin', { body: { method: 'wallet', way: 'browser' }, signal });
  return { ...begun, until: Date.now() + begun.lastsMs - tooLate };
}

/** The wallet asked by the browser (Digital Credentials API). */
export function ByBrowser({ active, onBegin, onAnswer }: BrowserProps) {
  const { gate, common } = useMessages();
  const t = gate.wallet;
  // Asked for beforehand: the browser lets a page ask only just after a click.
  const begun = useLoad(beginAhead, []);
  const [waiting, setWaiting] = useState<AbortController | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const current = useRef<AbortController | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => () => current.current?.abort(), []);
  const until = begun.state === 'ready' && waiting === null ? begun.value.until : null;
  const { reload } = begun;
  useEffect(() => {
    if (until === null) return;
    // Whoever reads for a while asks with a request that still holds.
    const timer = setTimeout(reload, Math.max(ahead, until - ahead - Date.now()));
    return () => clearTimeout(timer);
  }, [until, reload]);
  const ask = async () => {
    onBegin();
    if (begun.state === 'failed') return reload();
    if (begun.state !== 'ready') return;
    const { proofId, present } = begun.value;
    if (present.kind !== 'browser') return;
    const controller = new AbortController();
    current.current = controller;
    setProblem(null);
    setWaiting(controller);
    try {
      onAnswer({ proofId, response: await askBrowser(present.requests, controller, begun.value.until) });
    } catch (error) {
      setWaiting(null);
      setProblem(problemOf(error, controller.signal));
      reload();
    }
  };
  const stop = () => {
    waiting?.abort();
    // The button that was pressed goes.
    button.current?.focus();
  };
  return (
    <Card>
      {active && problem !== null && (
        <Banner kind={problem === 'stopped' ? 'info' : 'warn'} live>
          {t.problems[problem]}
        </Banner>
      )}
      <p className={styles.about}>{t.browserAbout}</p>
      <Failure error={begun.state === 'failed' ? begun.error : null} />
      <Button
        ref={button}
        icon={ShieldIcon}
        wide
        busy={waiting !== null || begun.state === 'loading'}
        onClick={() => void ask()}
      >
        {begun.state === 'failed' ? common.retry : waiting === null ? t.browser : t.waiting}
      </Button>
      {waiting !== null && (
        <Button kind="plain" wide onClick={stop}>
          {t.stop}
        </Button>
      )}
    </Card>
  );
}
