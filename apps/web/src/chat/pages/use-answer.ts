import { useEffect, useState } from 'react';
import { call } from '../../api/client.ts';

type State = 'waiting' | 'answered' | 'over';

const everyMs = 2000;

/** Whether a wallet elsewhere has answered a proof; asked every two seconds until it has, or the time is over. */
export function useAnswer(proofId: string | null): State | null {
  const [state, setState] = useState<State | null>(null);
  useEffect(() => {
    if (proofId === null) return;
    const controller = new AbortController();
    const { signal } = controller;
    setState('waiting');
    const ask = async () => {
      while (!signal.aborted) {
        await new Promise((resolve) => setTimeout(resolve, everyMs));
        // A network that is away for a moment is no answer: it is asked again.
        const told = await call('gate.await', { params: { proofId }, signal }).catch(() => null);
        if (signal.aborted || told === null || told.state === 'waiting') continue;
        setState(told.state);
        return;
      }
    };
    void ask();
    return () => controller.abort();
  }, [proofId]);
  return proofId === null ? null : state;
}
