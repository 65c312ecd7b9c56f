import { useCallback, useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { call } from '../../api/client.ts';
import { Button, Page, Skeleton, toast } from '../../design/index.ts';
import { useLanguage, useMessages } from '../../messages/index.ts';
import { codeOf } from '../../messages/sentence.ts';
import { useEngine } from '../engine-access.tsx';
import { useAction, useLoad } from '../load.ts';
import { dayInWords } from '../time.ts';
import { isJoining } from '../way-back.ts';
import { Failure } from './failure.tsx';
import type { ProofReturn } from './proof-return.ts';

interface CheckingProps {
  readonly proof: ProofReturn;
  /** It was accepted, or the person begins again. */
  readonly onEnd: () => void;
}

/** How long the engine may take to learn of a new proof before one goes on without, in ms. */
const refreshWithin = 5000;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Hands a proof in, and says how it ended where that was not well. */
export function Checking({ proof, onEnd }: CheckingProps) {
  const { messages, language } = useLanguage();
  const t = messages.gate;
  const engine = useEngine();
  const started = useRef(false);
  const end = useRef(onEnd);
  end.current = onEnd;
  const { run, busy, error } = useAction();
  const handIn = useCallback(
    () =>
      run(async () => {
        const { proofId, response } = proof;
        const { adult } = await call('gate.finish', { params: { proofId }, body: { response } });
        // The proof holds whatever becomes of this: a slow engine must not look like a refused proof.
        await Promise.race([engine.account.refresh().catch(() => undefined), pause(refreshWithin)]);
        // Who is new is told in a calmer place.
        if (!isJoining()) toast(t.passed(dayInWords(adult.until, language)));
        end.current();
      }),
    [engine, proof, run, t, language],
  );
  useEffect(() => {
    if (started.current) return;
    started.current = true;
    void handIn();
  }, [handIn]);
  if (error === null || busy) {
    return (
      <Page key="checking" title={t.checking} documentTitle={t.documentTitle}>
        <Skeleton rows={1} />
      </Page>
    );
  }
  return <Failed error={error} onRetry={handIn} onAgain={onEnd} />;
}

interface FailedProps {
  readonly error: unknown;
  readonly onRetry: () => void;
  readonly onAgain: () => void;
}

function Failed({ error, onRetry, onAgain }: FailedProps) {
  const messages = useMessages();
  const t = messages.gate;
  const code = codeOf(error, messages);
  const choose = (
    <Button kind={code === 'offline' ? 'plain' : 'primary'} wide onClick={onAgain}>
      {t.choose}
    </Button>
  );
  if (code === 'proof_refused') {
    return (
      <Page key="refused" title={t.failedTitle} documentTitle={t.documentTitle} lead={t.failedNext}>
        <Tries />
        {choose}
        <p>
          {t.failedYoung} <Link href="/help">{t.failedHelp}</Link>
        </p>
      </Page>
    );
  }
  // What did not arrive can be handed in once more; of anything else the server has let go.
  const offline = code === 'offline';
  const title = offline ? t.interrupted : messages.common.failedTitle;
  return (
    <Page key="failed" title={title} documentTitle={t.documentTitle}>
      <Failure error={error} />
      {offline && (
        <Button wide onClick={onRetry}>
          {messages.common.retry}
        </Button>
      )}
      {choose}
    </Page>
  );
}

/** How many may be refused, where somebody counts. */
function Tries() {
  const t = useMessages().gate;
  const gate = useLoad((signal) => call('gate.read', { signal }), []);
  const tries = gate.state === 'ready' ? gate.value.terms.tries : null;
  return tries === null ? null : <p>{t.failedTries(tries)}</p>;
}
