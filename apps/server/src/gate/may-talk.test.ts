import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayOf, endOfDay, isOpen, mayTalk, type TakenMethods, type Visit } from './may-talk.ts';
import { policyFor, trialPolicy } from './policy.ts';

const taken = new Map([['test', 'test/1']]);
const proof = { until: '2027-02-21', method: 'test', policy: 'test/1', verified_on: '2026-11-23' };
const noon = Date.parse('2026-11-23T12:00:00Z');
const minute = 60_000;
const hour = 60 * minute;

/** Of a session that nothing closes. */
const holds = (of: Parameters<typeof mayTalk>[0], now: number, by: TakenMethods) =>
  mayTalk(of, { checkedAt: now, provedAt: now, seenAt: now }, now, { taken: by, policy: trialPolicy });

describe('mayTalk', () => {
  it('says yes to a proof that is good today', () => {
    expect(holds(proof, noon, taken)).toBe(true);
  });

  it('ends with the last day, to the millisecond', () => {
    const end = Date.parse('2027-02-22T00:00:00Z');
    expect(holds(proof, end - 1, taken)).toBe(true);
    expect(holds(proof, end, taken)).toBe(false);
  });

  it.each([
    ['nothing', null],
    ['undefined', undefined],
    ['another method', { ...proof, method: 'wallet' }],
    ['other rules', { ...proof, policy: 'test/0' }],
    ['no method', { ...proof, method: '' }],
    ['no day', { ...proof, until: '' }],
    ['infinity', { ...proof, until: 'infinity' }],
    ['an impossible day', { ...proof, until: '2027-13-41' }],
    ['a day long ago', { ...proof, until: '1999-01-01' }],
    ['a proof of a day to come', { ...proof, verified_on: '2026-11-24' }],
    ['a proof of no day', { ...proof, verified_on: '' }],
    ['a proof of too long ago, however long it says', { ...proof, verified_on: '2026-08-24' }],
  ])('says no to %s', (_, bad) => {
    expect(holds(bad, noon, taken)).toBe(false);
  });

  it('says no to everybody when no method is taken', () => {
    expect(holds(proof, noon, new Map())).toBe(false);
  });

  it('says no when there is no time', () => {
    expect(holds(proof, Number.NaN, taken)).toBe(false);
  });

  it('agrees with the calendar for any two days', () => {
    const instant = fc.integer({ min: 0, max: 4_000_000_000_000 });
    fc.assert(
      fc.property(instant, instant, (now, until) => {
        const day = dayOf(until);
        expect(holds({ ...proof, until: day, verified_on: dayOf(now) }, now, taken)).toBe(dayOf(now) <= day);
        expect(dayOf(endOfDay(day) - 1)).toBe(day);
      }),
    );
  });

  it('never says yes to a proof that is not exactly of a taken method', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (until, method, policy) => {
        fc.pre(method !== 'test' || policy !== 'test/1');
        expect(holds({ ...proof, until, method, policy }, noon, taken)).toBe(false);
      }),
    );
  });
});

describe('a session', () => {
  const policies = { fr: policyFor(['fr']), eu: policyFor(['eu']) };
  const none: Visit = { checkedAt: noon, provedAt: null, seenAt: null };

  it('is opened in France by a proof given in it alone, elsewhere by any passkey ceremony', () => {
    expect(isOpen(none, noon, policies.fr)).toBe(false);
    expect(isOpen(none, noon, policies.eu)).toBe(true);
    expect(isOpen({ ...none, provedAt: noon, checkedAt: 0 }, noon, policies.fr)).toBe(true);
    expect(isOpen({ ...none, provedAt: noon, checkedAt: 0 }, noon, policies.eu)).toBe(true);
    expect(isOpen(none, noon, { ...policies.fr, reopen: 'passkey' })).toBe(true);
  });

  it('closes in France after an hour without a touch, to the millisecond', () => {
    const proved = { ...none, provedAt: noon, seenAt: noon };
    expect(isOpen(proved, noon + hour - 1, policies.fr)).toBe(true);
    expect(isOpen(proved, noon + hour, policies.fr)).toBe(false);
    const touched = { ...proved, seenAt: noon + 50 * minute };
    expect(isOpen(touched, noon + 109 * minute, policies.fr)).toBe(true);
    expect(isOpen(touched, noon + 110 * minute, policies.fr)).toBe(false);
  });

  it('is opened, or kept open, by nothing that a clock noted which was ahead', () => {
    const ahead = { checkedAt: noon + 6 * minute, provedAt: noon + hour, seenAt: noon + hour };
    for (const policy of Object.values(policies)) {
      expect(isOpen(ahead, noon, policy)).toBe(false);
      expect(isOpen({ ...ahead, provedAt: noon - 61 * minute }, noon, policies.fr)).toBe(false);
      expect(isOpen({ ...ahead, provedAt: noon + 5 * minute }, noon, policy)).toBe(true);
    }
  });

  it('closes after twelve hours however lively it is, and opens again by a fresh passkey where that is allowed', () => {
    const later = noon + 12 * hour;
    const lively = { ...none, provedAt: noon, seenAt: later - 1 };
    for (const policy of Object.values(policies)) {
      expect(isOpen(lively, later - 1, policy)).toBe(true);
      expect(isOpen(lively, later, policy)).toBe(false);
    }
    expect(isOpen({ ...lively, checkedAt: later }, later, policies.eu)).toBe(true);
    expect(isOpen({ ...lively, checkedAt: later }, later, policies.fr)).toBe(false);
  });

  it('is open to nobody without a good proof, whatever the session', () => {
    const taken = new Map([['wallet', 'eu/1']]);
    const rules = { taken, policy: policies.eu };
    const good = { ...proof, method: 'wallet', policy: 'eu/1' };
    expect(mayTalk(good, none, noon, rules)).toBe(true);
    expect(mayTalk(null, none, noon, rules)).toBe(false);
    expect(mayTalk({ ...good, policy: 'fr/1' }, none, noon, rules)).toBe(false);
  });

  it('is closed for any session that was opened too long ago, under every policy', () => {
    const at = fc.integer({ min: 0, max: 4_000_000_000_000 });
    const policy = fc
      .constantFrom(...(['fr', 'eu', 'uk', 'other'] as const))
      .map((name) => policyFor([name]));
    fc.assert(
      fc.property(at, fc.option(at), fc.option(at), at, policy, (checkedAt, provedAt, seenAt, now, asked) => {
        if (!isOpen({ checkedAt, provedAt, seenAt }, now, asked)) return;
        const opened = Math.max(provedAt ?? -1, asked.reopen === 'passkey' ? checkedAt : -1);
        expect(opened).toBeGreaterThanOrEqual(0);
        expect(now - opened).toBeLessThan(12 * hour);
      }),
    );
  });
});
