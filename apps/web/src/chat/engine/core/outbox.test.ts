import { sendRefusals } from '@accord/protocol/socket';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type OutboxEntry,
  type OutboxEvent,
  patience,
  remedyFor,
  sealable,
  step,
  unanswered,
} from './outbox.ts';

const id = '00000000-0000-4000-8000-000000000001';
const entry = (more: Partial<OutboxEntry> = {}): OutboxEntry => ({
  order: 1,
  place: 1,
  content: { kind: 'text', id, text: 'a hill' },
  attempt: null,
  refusals: 0,
  failed: null,
  ...more,
});
const attempt = (n: number) => ({ n, epoch: 1, ciphertext: Uint8Array.of(n) });

it('never sends other bytes under a number, nor a refused number again, and leaves on its own answer only', () => {
  const event: fc.Arbitrary<'seal' | 'retry' | { sent: number } | { refused: number; code: number }> =
    fc.oneof(
      fc.constant('seal' as const),
      fc.constant('retry' as const),
      fc.record({ sent: fc.integer({ min: 1, max: 6 }) }),
      fc.record({ refused: fc.integer({ min: 1, max: 6 }), code: fc.nat({ max: sendRefusals.length - 1 }) }),
    );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      let now: OutboxEntry | 'gone' = entry();
      let n = 0;
      const refused = new Set<number>();
      for (const next of events) {
        if (now === 'gone') return;
        const before: OutboxEntry = now;
        if (next === 'seal') now = step(before, { type: 'sealed', attempt: attempt(++n) });
        else if (next === 'retry') now = step(before, { type: 'retry' });
        else if ('sent' in next) {
          now = step(before, { type: 'sent', n: next.sent });
          expect(now === 'gone').toBe(before.attempt?.n === next.sent);
        } else {
          const code = sendRefusals[next.code] ?? 'unavailable';
          if (before.attempt?.n === next.refused && code !== 'unavailable') refused.add(next.refused);
          now = step(before, { type: 'refused', n: next.refused, code });
        }
        if (now === 'gone') continue;
        if (before.attempt !== null && now.attempt !== null) expect(now.attempt).toBe(before.attempt);
        if (now.attempt !== null) expect(refused.has(now.attempt.n)).toBe(false);
        if (now.failed !== null) expect(now.attempt).toBeNull();
      }
    }),
  );
});

it('asks the person after twelve refusals in a row, at once where trying again is no use', () => {
  let now: OutboxEntry = entry();
  for (let n = 1; n <= patience; n += 1) {
    expect(now.failed).toBeNull();
    const events: OutboxEvent[] = [
      { type: 'sealed', attempt: attempt(n) },
      { type: 'refused', n, code: 'wrong_epoch' },
    ];
    for (const event of events) {
      const next = step(now, event);
      if (next === 'gone') throw new Error('gone');
      now = next;
    }
  }
  expect(now.failed).toBe('wrong_epoch');
  expect(step(now, { type: 'retry' })).toMatchObject({ failed: null, refusals: 0 });
  const large = step(entry({ attempt: attempt(3) }), { type: 'refused', n: 3, code: 'too_large' });
  expect(large).toMatchObject({ failed: 'too_large' });
});

it('sends again in the order of the numbers and seals in the order of writing, open conversations only', () => {
  const entries = [
    entry({ order: 4, attempt: attempt(9) }),
    entry({ order: 2, attempt: attempt(12) }),
    entry({ order: 3 }),
    entry({ order: 1, place: 2 }),
    entry({ order: 0, failed: 'too_large' }),
  ];
  expect(unanswered(entries).map(({ attempt: { n } }) => n)).toEqual([9, 12]);
  expect(sealable(entries, (place) => place === 1).map(({ order }) => order)).toEqual([3]);
});

it('knows what helps against each refusal', () => {
  expect(sendRefusals.map(remedyFor)).toEqual(['none', 'catch-up', 'catch-up', 'evict', 'wait', 'none']);
});
