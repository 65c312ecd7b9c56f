import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromBase64Url, toBase64Url } from './bytes.ts';
import { type Cbor, decodeCbor } from './cbor.ts';
import { makeCast, now, present, session } from './test-support/presentation.ts';
import { examineVector, VectorError } from './vectors.ts';

const folder = process.env.ACCORD_VECTORS ?? new URL('../../../../shared/vectors', import.meta.url).pathname;
const file = `${folder}/age/vectors-visible.json`;

interface Entry {
  readonly id: string;
  readonly expect: string;
}

describe.skipIf(!existsSync(file))('public vectors', () => {
  const entries: readonly Entry[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];

  it.each(entries.map((entry) => [entry.id, entry] as const))(
    '%s has its stated outcome',
    async (_, entry) => {
      expect(await examineVector(entry)).toBe(entry.expect.split(' ')[0]);
    },
  );

  it.each(entries.map((entry) => [entry.id, entry] as const))(
    '%s is refused in any other session',
    async (_, entry) => {
      if ((entry as { readonly kind?: string }).kind === 'issuerOnly') return;
      const sessionTranscript = toBase64Url(Uint8Array.of(0x83, 0xf6, 0xf6, 0xf6));
      expect(await examineVector({ ...entry, sessionTranscript })).toBe('device_signature');
    },
  );
});

/** Bytes of IssuerSigned within a response: from its map's head to where `deviceSigned` begins. */
function spanOf(response: Uint8Array, issuerSigned: Cbor): Uint8Array {
  expect(issuerSigned).toBeInstanceOf(Map);
  const text = new TextDecoder('latin1').decode(response);
  return response.subarray(text.indexOf('issuerSigned') + 12, text.indexOf('deviceSigned') - 1);
}

describe('a vector of ours', () => {
  const entry = async () => {
    const cast = await makeCast();
    const key = await crypto.subtle.exportKey('jwk', cast.signer.publicKey);
    return {
      id: 'own',
      docType: 'eu.europa.ec.av.1',
      now: new Date(now).toISOString(),
      bytes: toBase64Url(await present(cast)),
      oid4vp: session,
      anchorsDer: [toBase64Url(cast.caCertificate)],
      key: { kty: key.kty, crv: key.crv, x: key.x, y: key.y },
    };
  };

  it('holds with anchors, and with the issuer’s key named', async () => {
    const { key, anchorsDer, ...rest } = await entry();
    expect(await examineVector({ ...rest, anchorsDer })).toBe('valid');
    expect(await examineVector({ ...rest, issuerJwk: key })).toBe('valid');
  });

  it('may be a bare IssuerSigned outside a session', async () => {
    const { anchorsDer, bytes, docType, now: clock } = await entry();
    const response = decodeCbor(fromBase64Url(bytes)) as ReadonlyMap<
      string,
      readonly ReadonlyMap<string, Cbor>[]
    >;
    const bare = spanOf(fromBase64Url(bytes), response.get('documents')?.[0]?.get('issuerSigned'));
    const vector = { kind: 'issuerOnly', docType, now: clock, anchorsDer, bytes: toBase64Url(bare) };
    expect(await examineVector(vector)).toBe('valid');
    expect(await examineVector({ ...vector, kind: 'deviceResponse', oid4vp: session })).toBe(
      'response_shape',
    );
    expect(await examineVector({ ...vector, bytes })).toBe('valid');
  });

  it('is refused with another issuer’s key, another session, another day', async () => {
    const [one, other] = await Promise.all([entry(), entry()]);
    const { anchorsDer, key, ...rest } = one;
    expect(await examineVector({ ...rest, issuerJwk: other.key })).toBe('issuer_signature');
    expect(await examineVector({ ...one, oid4vp: { ...session, nonce: 'another' } })).toBe(
      'device_signature',
    );
    expect(await examineVector({ ...one, now: '2027-06-01T00:00:00Z' })).toBe('mso_expired');
    expect([anchorsDer.length, key.crv]).toEqual([1, 'P-256']);
  });

  it.each([
    ['is no object', () => 7],
    ['has no clock', ({ now: _, ...rest }: object & { now: string }) => rest],
    ['has a clock that is none', (one: object) => ({ ...one, now: 'today' })],
    ['has no issuer', (one: object) => ({ ...one, anchorsDer: [] })],
    ['has no session', (one: object) => ({ ...one, oid4vp: undefined })],
    ['has bytes that are none', (one: object) => ({ ...one, bytes: '!' })],
  ])('says so when it %s', async (_, change) => {
    await expect(examineVector(change(await entry()))).rejects.toThrow(VectorError);
  });
});
