import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  declinedResponse,
  issueTestDocument,
  judgeTestDocument,
  TestDocumentRefused,
  testDocumentMs,
} from './test-document.ts';

const issuer = generateKeyPairSync('ed25519');
const now = Date.parse('2026-11-23T12:00:00Z');
const nonce = 'bm9uY2U';
const good = issueTestDocument(issuer.privateKey, { nonce, over18: true, now });
const judge = (response: string, changes: { nonce?: string; now?: number } = {}) =>
  judgeTestDocument(response, { key: issuer.publicKey, nonce, now, ...changes });

describe('the test document', () => {
  it('is taken while it is fresh', () => {
    expect(() => judge(good)).not.toThrow();
    expect(() => judge(good, { now: now + testDocumentMs - 1 })).not.toThrow();
  });

  it.each([
    ['under age', () => judge(issueTestDocument(issuer.privateKey, { nonce, over18: false, now }))],
    ['not readable|shape', () => judge(declinedResponse)],
    ['for another request', () => judge(good, { nonce: 'YW5vdGhlcg' })],
    ['not of now', () => judge(good, { now: now + testDocumentMs })],
    ['not of now', () => judge(good, { now: now - 61_000 })],
    [
      'not authentic',
      () => judge(issueTestDocument(generateKeyPairSync('ed25519').privateKey, { nonce, over18: true, now })),
    ],
    ['not readable', () => judge('')],
    ['shape', () => judge(Buffer.from('[]').toString('base64url'))],
  ])('is refused: %s', (reason, act) => {
    expect(act).toThrow(TestDocumentRefused);
    expect(act).toThrow(new RegExp(reason));
  });

  it('is refused whichever byte of document or signature is changed', () => {
    const parts = JSON.parse(Buffer.from(good, 'base64url').toString()) as Record<string, string>;
    fc.assert(
      fc.property(
        fc.constantFrom('document', 'signature'),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (name, at, flip) => {
          const bytes = Buffer.from(parts[name] ?? '', 'base64url');
          const place = at % bytes.length;
          bytes[place] = (bytes[place] ?? 0) ^ flip;
          const changed = { ...parts, [name]: bytes.toString('base64url') };
          const response = Buffer.from(JSON.stringify(changed)).toString('base64url');
          expect(() => judge(response)).toThrow(TestDocumentRefused);
        },
      ),
    );
  });

  it('refuses any text with nothing but its own error', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => judge(text)).toThrow(TestDocumentRefused);
      }),
    );
  });
});
