import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { en } from '../messages/en/index.ts';
import { fr } from '../messages/fr/index.ts';
import { dayInWords, spanInWords } from './time.ts';

const hour = 3_600_000;

describe('time left, in words', () => {
  it.each([
    [-1, 'a few moments', 'quelques instants'],
    [59_999, 'a few moments', 'quelques instants'],
    [60_000, '1 minute', '1 minute'],
    [119_999, '1 minute', '1 minute'],
    [hour, '1 hour', '1 heure'],
    [47.9 * hour, '47 hours', '47 heures'],
    [71.9 * hour, '71 hours', '71 heures'],
    [96 * hour, '4 days', '4 jours'],
  ])('%d ms', (ms, english, french) => {
    expect(spanInWords(ms, en.time)).toBe(english);
    expect(spanInWords(ms, fr.time)).toBe(french);
  });

  it('never promises more than there is', () => {
    const units = { minute: 60_000, hour, day: 24 * hour };
    fc.assert(
      fc.property(fc.integer({ min: 60_000, max: 90 * 24 * hour }), (ms) => {
        const [, count = '0', unit = 'minute'] =
          /^([\d,]+) (minute|hour|day)s?$/.exec(spanInWords(ms, en.time)) ?? [];
        const said = Number(count.replaceAll(',', '')) * units[unit as keyof typeof units];
        expect(said).toBeGreaterThan(0);
        expect(said).toBeLessThanOrEqual(ms);
      }),
    );
  });

  it('writes a day out in the language of the page', () => {
    const day = Date.UTC(2026, 11, 3, 12);
    expect(dayInWords(day, 'fr')).toBe('3 décembre 2026');
    expect(dayInWords(day, 'en')).toContain('December');
  });
});
