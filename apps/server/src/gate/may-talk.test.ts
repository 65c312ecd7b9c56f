import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayOf, endOfDay, mayTalk } from './may-talk.ts';

const taken = new Map([['test', 'test/1']]);
const proof = { until: '2027-02-21', method: 'test', policy: 'test/1' };
const noon = Date.parse('2026-11-23T12:00:00Z');

describe('mayTalk', () => {
  it('says yes to a proof that is good today', () => {
    expect(mayTalk(proof, noon, taken)).toBe(true);
  });

  it('ends with the last day, to the millisecond', () => {
    const end = Date.parse('2027-02-22T00:00:00Z');
    expect(mayTalk(proof, end - 1, taken)).toBe(true);
    expect(mayTalk(proof, end, taken)).toBe(false);
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
  ])('says no to %s', (_, bad) => {
    expect(mayTalk(bad, noon, taken)).toBe(false);
  });

  it('says no to everybody when no method is taken', () => {
    expect(mayTalk(proof, noon, new Map())).toBe(false);
  });

  it('says no when there is no time', () => {
    expect(mayTalk(proof, Number.NaN, taken)).toBe(false);
  });

  it('agrees with the calendar for any two days', () => {
    const instant = fc.integer({ min: 0, max: 4_000_000_000_000 });
    fc.assert(
      fc.property(instant, instant, (now, until) => {
        const day = dayOf(until);
        expect(mayTalk({ ...proof, until: day }, now, taken)).toBe(dayOf(now) <= day);
        expect(dayOf(endOfDay(day) - 1)).toBe(day);
      }),
    );
  });

  it('never says yes to a proof that is not exactly of a taken method', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (until, method, policy) => {
        fc.pre(method !== 'test' || policy !== 'test/1');
        expect(mayTalk({ until, method, policy }, noon, taken)).toBe(false);
      }),
    );
  });
});
