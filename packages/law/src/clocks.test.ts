import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clockIds,
  clockRules,
  dueAt,
  dueMarks,
  earliest,
  hourAt,
  leftMs,
  meetClock,
  nextMark,
  pauseClock,
  resumeClock,
  startClock,
} from './clocks.ts';

const hour = 3_600_000;
const instant = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2060, 0, 1) });
const anyClock = fc.constantFrom(...clockIds);

describe('elapsed hours', () => {
  it('do not see the autumn change of 25 October 2026, nor the spring one, nor a leap day', () => {
    for (const start of ['2026-10-24T10:00:00Z', '2026-03-28T10:00:00Z', '2028-02-28T10:00:00Z']) {
      const begun = Date.parse(start);
      expect(dueAt('us-tida', startClock(begun)) - begun).toBe(48 * hour);
    }
    // What calendar days would have given in Paris: an hour too late for the law.
    const wall = new Intl.DateTimeFormat('en-GB', {
      timeZone: 'Europe/Paris',
      hour: '2-digit',
      hourCycle: 'h23',
    });
    const begun = Date.parse('2026-10-24T10:00:00Z');
    expect(wall.format(begun)).toBe('12');
    expect(wall.format(dueAt('us-tida', startClock(begun)))).toBe('11');
  });

  it('are the same from every start, and a later start is due later', () => {
    fc.assert(
      fc.property(anyClock, instant, fc.nat(10 * hour), (id, start, later) => {
        const due = dueAt(id, startClock(start));
        expect(due - start).toBe(clockRules[id].hours * hour);
        expect(dueAt(id, startClock(start + later)) - due).toBe(later);
      }),
    );
  });

  it('run down by exactly what passes', () => {
    fc.assert(
      fc.property(anyClock, instant, fc.nat(100 * hour), fc.nat(100 * hour), (id, start, a, b) => {
        const clock = startClock(start);
        expect(leftMs(id, clock, start + a) - leftMs(id, clock, start + a + b)).toBe(b);
      }),
    );
  });
});

describe('pausing', () => {
  const pauses = fc.array(fc.tuple(fc.nat(5 * hour), fc.nat(5 * hour)), { maxLength: 6 });

  it('moves the end by exactly what the clock stood, where the law lets it stand', () => {
    fc.assert(
      fc.property(anyClock, instant, pauses, (id, start, spans) => {
        let clock = startClock(start);
        let now = start;
        let stood = 0;
        for (const [runs, stands] of spans) {
          now += runs;
          clock = pauseClock(id, clock, now);
          if (clockRules[id].pausable) expect(dueAt(id, clock)).toBe(Number.POSITIVE_INFINITY);
          now += stands;
          clock = resumeClock(clock, now);
          stood += stands;
        }
        const moved = clockRules[id].pausable ? stood : 0;
        expect(dueAt(id, clock)).toBe(start + clockRules[id].hours * hour + moved);
      }),
    );
  });

  it('never makes an end come earlier', () => {
    const clock = pauseClock('fr-6-1', startClock(1000 * hour), 1005 * hour);
    expect(resumeClock(clock, 1004 * hour).pausedMs).toBe(0);
    expect(pauseClock('us-tida', startClock(0), hour).pausedSince).toBeNull();
  });
});

describe('merging', () => {
  it('keeps the earlier start whichever comes first, and is idempotent', () => {
    fc.assert(
      fc.property(instant, instant, (a, b) => {
        const merged = earliest(startClock(a), startClock(b));
        expect(merged).toEqual(earliest(startClock(b), startClock(a)));
        expect(merged.startedAt).toBe(Math.min(a, b));
        expect(earliest(merged, merged)).toEqual(merged);
        expect(dueAt('uk-osa', merged)).toBe(
          Math.min(dueAt('uk-osa', startClock(a)), dueAt('uk-osa', startClock(b))),
        );
      }),
    );
  });

  it('does not let a clock that stands hold back one that runs', () => {
    const standing = pauseClock('fr-6-1', startClock(0), hour);
    expect(earliest(standing, startClock(2 * hour))).toMatchObject({
      startedAt: 0,
      pausedSince: null,
      pausedMs: 0,
    });
  });
});

describe('alarms', () => {
  it('come once each, in order, and the last is the breach', () => {
    const start = Date.UTC(2026, 9, 24, 10);
    let clock = startClock(start);
    const told: number[] = [];
    for (let h = 0; h <= 60; h += 1) {
      const due = dueMarks('us-tida', clock, start + h * hour);
      told.push(...due);
      clock = { ...clock, told: [...clock.told, ...due] };
    }
    expect(told).toEqual([24, 36, 44, 48]);
    expect(nextMark('us-tida', clock)).toBeNull();
    expect(dueMarks('us-tida', meetClock(startClock(start), start), start + 99 * hour)).toEqual([]);
  });

  it('next comes at the first mark not told', () => {
    fc.assert(
      fc.property(anyClock, instant, fc.nat(400 * 24 * hour), (id, start, passed) => {
        const clock = startClock(start);
        const due = dueMarks(id, clock, start + passed);
        const told = { ...clock, told: due };
        const next = nextMark(id, told);
        if (next !== null) expect(next).toBeGreaterThan(start + passed);
        expect(due.every((hours) => hourAt(clock, hours) <= start + passed)).toBe(true);
      }),
    );
  });

  it('are ascending and within the clock', () => {
    for (const id of clockIds) {
      const { alarms, hours } = clockRules[id];
      expect([...alarms, hours]).toEqual([...new Set([...alarms, hours])].sort((a, b) => a - b));
    }
  });
});
