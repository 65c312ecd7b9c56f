import { useEffect } from 'react';
import { call } from '../api/client.ts';

/**
 * Tells the server, as seldom as it asks for, that somebody is really here: a key or a touch, never a timer. Where
 * the policy counts no idle time the first answer is the last.
 */
export function useTouch(here: boolean): void {
  useEffect(() => {
    if (!here) return;
    let next = 0;
    const touched = () => {
      if (Date.now() < next) return;
      next = Date.now() + 60_000;
      call('gate.touch', { body: {} }).then(
        ({ again }) => {
          next = again === null ? Number.POSITIVE_INFINITY : Date.now() + again * 1000;
        },
        // A refusal shows the gate by itself; a network that is away is told at the next touch.
        () => undefined,
      );
    };
    const events = ['pointerdown', 'keydown'] as const;
    for (const event of events) addEventListener(event, touched, { passive: true });
    return () => {
      for (const event of events) removeEventListener(event, touched);
    };
  }, [here]);
}
