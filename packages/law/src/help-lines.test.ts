import { describe, expect, it } from 'vitest';
import { emergencyNumbers, emergencyWords } from './emergency-numbers.ts';
import { helpLines, type Source } from './help-lines.ts';

const facts: readonly (readonly [string, readonly Source[]])[] = [
  ...helpLines.map(({ id, sources }) => [id, sources] as const),
  ...emergencyNumbers.map(({ number, sources }) => [number, sources] as const),
];

describe('whom somebody in distress is sent to', () => {
  it.each(facts)('has a source and the day it was read: %s', (_name, sources) => {
    expect(sources.length).toBeGreaterThan(0);
    for (const { address, on } of sources) {
      expect(new URL(address).protocol).toMatch(/^https?:$/);
      expect(new Date(`${on}T00:00:00Z`).toISOString().slice(0, 10)).toBe(on);
    }
  });

  it('names each once, and each site by an address that nobody can read along', () => {
    expect(new Set(facts.map(([name]) => name)).size).toBe(facts.length);
    for (const { site } of helpLines) expect(new URL(site).protocol).toBe('https:');
  });

  it('says every emergency number in both languages', () => {
    for (const language of ['fr', 'en'] as const) {
      for (const { number, where } of emergencyNumbers) {
        expect(emergencyWords(language)).toContain(`${number} ${where[language]}`);
      }
    }
  });
});
