import { useEffect, useRef, useState } from 'react';
import { call } from '../../api/client.ts';
import { Button, ButtonLink, EmptyState, Page, ShieldIcon } from '../../design/index.ts';
import { useLanguage } from '../../messages/index.ts';
import { useEngine } from '../engine-access.tsx';
import { useAction } from '../load.ts';
import { dayInWords } from '../time.ts';
import { Failure } from './failure.tsx';
import type { ProofReturn } from './proof-return.ts';
import { Progress } from './start.tsx';

interface CheckingProps {
  readonly proof: ProofReturn;
  readonly onAgain: () => void;
}

/** How long the engine may take to learn of a new proof before one goes on without, in ms. */
const refreshWithin = 5000;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Hands a proof in, once, and says how it ended. */
export function Checking({ proof, onAgain }: CheckingProps) {
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
