import { type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';

/** Why a test document is refused: for our own tests to tell. */
export class TestDocumentRefused extends Error {
  override readonly name = 'TestDocumentRefused';
}

/** Our own type, so that no verifier of real proofs can take a test document for one. */
const testDocType = 'accord.test.age.1';

/** Milliseconds that a test document is good for. */
export const testDocumentMs = 5 * 60_000;

/** Milliseconds by which two clocks may differ. */
const skewMs = 60_000;

const claims = z.strictObject({
  docType: z.literal(testDocType),
  nonce: z.string(),
  over18: z.boolean(),
  issuedAt: z.int(),
  expiresAt: z.int(),
});
const envelope = z.strictObject({ document: z.string(), signature: z.string() });

/** Signs that somebody is, or is not, over 18, for one request. The response is base64url. */
export function issueTestDocument(
  key: KeyObject,
  subject: { readonly nonce: string; readonly over18: boolean; readonly now: number },
): string {
  const document = JSON.stringify({
    docType: testDocType,
    nonce: subject.nonce,
    over18: subject.over18,
    issuedAt: subject.now,
    expiresAt: subject.now + testDocumentMs,
  } satisfies z.infer<typeof claims>);
  const signature = sign(null, Buffer.from(document), key).toString('base64url');
  return encode({ document: Buffer.from(document).toString('base64url'), signature });
}

/** What comes back when the person says no. */
export const declinedResponse = encode({ error: 'access_denied' });

/**
 * Judges a response in the order that gives least away: signature, then what it is, for whom, when, and only
 * then what it says.
 * @throws {TestDocumentRefused}
 */
export function judgeTestDocument(
  response: string,
  expected: { readonly key: KeyObject; readonly nonce: string; readonly now: number },
): void {
  const sealed = decode(envelope, response);
  const document = Buffer.from(sealed.document, 'base64url');
  const signature = Buffer.from(sealed.signature, 'base64url');
  if (signature.length !== 64 || !verify(null, document, expected.key, signature)) {
    throw new TestDocumentRefused('not authentic');
  }
  const { nonce, over18, issuedAt, expiresAt } = decode(claims, sealed.document);
  if (nonce !== expected.nonce) throw new TestDocumentRefused('for another request');
  if (expiresAt <= expected.now || issuedAt > expected.now + skewMs)
    throw new TestDocumentRefused('not of now');
  if (!over18) throw new TestDocumentRefused('under age');
}

/** Whether a response says, for this request, that somebody is an adult. */
export function isAdultByTest(response: unknown, expected: Parameters<typeof judgeTestDocument>[1]): boolean {
  if (typeof response !== 'string') return false;
  try {
    judgeTestDocument(response, expected);
    return true;
  } catch (error) {
    if (error instanceof TestDocumentRefused) return false;
    throw error;
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode<T>(shape: z.ZodType<T>, text: string): T {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    throw new TestDocumentRefused('not readable');
  }
  const parsed = shape.safeParse(value);
  if (!parsed.success) throw new TestDocumentRefused('not of this shape');
  return parsed.data;
}
