import { describe, expect, it } from 'vitest';
import { createLimiter, household } from './limiter.ts';
import { Refusal } from './refusal.ts';

describe('createLimiter', () => {
  const at = (start: number) => {
    let now = start;
    return {
      clock: () => now,
      pass(ms: number) {
        now += ms;
      },
    };
  };

  it('lets a burst through, then one for each that is refilled, and says how long to wait', () => {
    const time = at(1_000_000);
    const limiter = createLimiter({ burst: 3, perMinute: 6 }, { enabled: true, clock: time.clock });
    for (let i = 0; i < 3; i += 1) limiter.take('a');
    expect(() => limiter.take('a')).toThrow(Refusal);
    expect(() => limiter.take('a')).toThrow(expect.objectContaining({ code: 'slow_down', retryAfter: 10 }));
    limiter.take('b');
    time.pass(9_999);
    expect(() => limiter.take('a')).toThrow(Refusal);
    time.pass(1);
    limiter.take('a');
    expect(() => limiter.take('a')).toThrow(Refusal);
    time.pass(3_600_000);
    for (let i = 0; i < 3; i += 1) limiter.take('a');
    expect(() => limiter.take('a')).toThrow(Refusal);
  });

  it('gives nothing back when the clock goes backwards', () => {
    const time = at(1_000_000);
    const limiter = createLimiter({ burst: 1, perMinute: 60 }, { enabled: true, clock: time.clock });
    limiter.take('a');
    time.pass(-500_000);
    expect(() => limiter.take('a')).toThrow(Refusal);
  });

  it('lets everything through when it is off', () => {
    const limiter = createLimiter({ burst: 1, perMinute: 1 }, { enabled: false, clock: () => 0 });
    for (let i = 0; i < 100; i += 1) limiter.takeAddress('192.0.2.1');
  });

  it('counts a household as one', () => {
    const limiter = createLimiter({ burst: 1, perMinute: 1 }, { enabled: true, clock: () => 0 });
    limiter.takeAddress('2001:db8:0:1::1');
    expect(() => limiter.takeAddress('2001:db8:0:1:ffff::2')).toThrow(Refusal);
    limiter.takeAddress('2001:db8:0:2::1');
  });
});

describe('household', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:a:b:1:2:3:4', '2001:db8:a:b'],
    ['2001:0db8:000a:000b::', '2001:db8:a:b'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ])('of %s is %s', (address, expected) => {
    expect(household(address)).toBe(expected);
  });
});
