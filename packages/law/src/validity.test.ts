import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { helpFor, helpLines } from './help-lines.ts';
import { composeNotice } from './notices.ts';
import { mayGoAt, retention } from './retention.ts';
import { declineGrounds, missingOfStatement, removeGrounds } from './statement.ts';
import { citations, composeStatement, declineTexts, needTexts } from './texts.ts';
import {
  capacities,
  consentAnswers,
  examineRequest,
  isPlausible,
  minorAnswers,
  missingUnder,
  needs,
  pictureKinds,
  type RequestFacts,
  requestLaws,
} from './validity.ts';

const whole: RequestFacts = {
  capacity: 'self',
  kind: 'real',
  minor: 'no',
  consent: 'never',
  intimate: true,
  places: ['https://example.org/1'],
  hashes: 0,
  messages: 0,
  words: '',
  signature: 'A. B.',
  contact: 'a@example.org',
  byPage: false,
  goodFaith: true,
};

const anyRequest: fc.Arbitrary<RequestFacts> = fc.record({
  capacity: fc.constantFrom(null, ...capacities),
  kind: fc.constantFrom(null, ...pictureKinds),
  minor: fc.constantFrom(null, ...minorAnswers),
  consent: fc.constantFrom(null, ...consentAnswers),
  intimate: fc.boolean(),
  places: fc.constantFrom([], ['https://example.org/1']),
  hashes: fc.constantFrom(0, 1),
  messages: fc.constantFrom(0, 1),
  words: fc.constantFrom('', 'because'),
  signature: fc.constantFrom('', 'A. B.'),
  contact: fc.constantFrom('', 'a@example.org', '+33 1 00'),
  byPage: fc.boolean(),
  goodFaith: fc.boolean(),
});

describe('a request', () => {
  it('stands under every law when it is whole', () => {
    expect(examineRequest(whole)).toEqual({ validUnder: requestLaws, missing: [] });
  });

  it('needs what the TAKE IT DOWN Act lists and nothing else: no document, no account, no address of a page', () => {
    const bare = {
      ...whole,
      kind: null,
      intimate: false,
      capacity: null,
      goodFaith: false,
      places: [],
      hashes: 1,
    };
    expect(missingUnder('us-tida', bare)).toEqual([]);
    for (const [part, need] of [
      [{ signature: '' }, 'signature'],
      [{ hashes: 0 }, 'locate'],
      [{ consent: null }, 'no_consent'],
      [{ consent: 'agreed' as const }, 'no_consent'],
      [{ contact: '' }, 'contact'],
    ] as const) {
      expect(missingUnder('us-tida', { ...bare, ...part })).toEqual([need]);
    }
  });

  it('needs no name and no e-mail where a child is abused (DSA art. 16(2)(c))', () => {
    const nameless = { ...whole, signature: '', contact: '', minor: 'yes' as const };
    expect(missingUnder('eu-dsa', nameless)).toEqual([]);
    expect(missingUnder('eu-dsa', { ...nameless, minor: 'unsure' })).toEqual(['email', 'signature']);
  });

  it('is reached by the follow-up page under UK and US law, by e-mail under the DSA', () => {
    const page = { ...whole, contact: '', byPage: true };
    expect(examineRequest(page).validUnder).toEqual(['us-tida', 'uk-osa']);
  });

  it('never becomes less valid by saying more', () => {
    fc.assert(
      fc.property(anyRequest, anyRequest, (a, b) => {
        const more: RequestFacts = {
          ...a,
          places: [...a.places, ...b.places],
          words: a.words || b.words,
          signature: a.signature || b.signature,
          contact: a.contact || b.contact,
          goodFaith: a.goodFaith || b.goodFaith,
          byPage: a.byPage || b.byPage,
        };
        const before = examineRequest(a).validUnder;
        expect(examineRequest(more).validUnder).toEqual(expect.arrayContaining([...before]));
        if (isPlausible(a)) expect(isPlausible(more)).toBe(true);
      }),
    );
  });

  it('is either valid somewhere or told what it misses, never both', () => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        const { validUnder, missing } = examineRequest(request);
        expect(validUnder.length > 0).toBe(missing.length === 0);
      }),
    );
  });
});

describe('texts', () => {
  it('exist in both languages for whatever can be said', () => {
    const texts = [
      ...needs.map((need) => needTexts[need]),
      ...declineGrounds.map((ground) => declineTexts[ground]),
      ...helpLines.map(({ about }) => about),
      ...Object.values(citations).map(({ name }) => name),
    ];
    for (const text of texts) {
      expect(text.fr).not.toBe('');
      expect(text.en).not.toBe('');
    }
    for (const { source } of Object.values(citations)) expect(source).toMatch(/^https:\/\//);
  });

  it('make a whole statement of reasons for every ground, which names no notifier', () => {
    for (const ground of removeGrounds) {
      for (const language of ['fr', 'en'] as const) {
        const statement = composeStatement(ground, language, { fromNotice: true, automatedDetection: false });
        expect(missingOfStatement(statement)).toEqual([]);
        expect(statement.automatedDecision).toBe('not');
      }
    }
    expect(missingOfStatement({ restriction: 'removed', facts: '' })).toContain('facts');
  });

  it('make a notice that says where, what the law asks and since when, and no name', () => {
    for (const law of requestLaws) {
      for (const language of ['fr', 'en'] as const) {
        const { subject, body } = composeNotice(law, language, {
          reference: 'N-1',
          addresses: ['https://example.org/x'],
          synthetic: true,
          firstSentAt: Date.UTC(2026, 10, 28),
          sender: 'Accord, desk@example.org',
        });
        expect(subject).toContain('N-1');
        expect(body).toContain('https://example.org/x');
        expect(body).toContain('2026-11-28T00:00:00.000Z');
        expect(body).toContain(citations[law].article);
      }
    }
  });
});

describe('help', () => {
  it('has somebody to talk to and a way to take down for everybody, their own country first', () => {
    for (const whom of ['minor', 'adult'] as const) {
      for (const kind of ['talk', 'remove'] as const) {
        for (const country of ['FR', 'GB', 'US', undefined]) {
          expect(helpFor(whom, kind, country).length).toBeGreaterThan(0);
        }
      }
    }
    expect(helpFor('adult', 'talk', 'GB')[0]?.id).toBe('revengePornHelpline');
    expect(helpFor('adult', 'remove').map(({ id }) => id)).toContain('stopNcii');
    expect(helpFor('minor', 'remove').map(({ id }) => id)).toContain('takeItDown');
    expect(helpFor('adult').every(({ whom }) => whom !== 'minor')).toBe(true);
  });
});

describe('keeping', () => {
  const closed = { closedAt: 1000, legalHold: false, preservedUntil: null };
  it('ends after its time, never under a hold, never before a preservation ends', () => {
    const own = 1000 + retention.evidence.days * 86_400_000;
    expect(mayGoAt('evidence', closed)).toBe(own);
    expect(mayGoAt('evidence', { ...closed, legalHold: true })).toBeNull();
    expect(mayGoAt('evidence', { ...closed, closedAt: null })).toBeNull();
    expect(mayGoAt('evidence', { ...closed, preservedUntil: own + 5 })).toBe(own + 5);
  });
});
