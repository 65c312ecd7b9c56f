import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromBase64Url, toBase64Url, toHex } from './bytes.ts';
import { type Cbor, CborRaw, decodeCbor, encodeCbor, type Writable } from './cbor.ts';
import { shortSpki } from './test-support/certificates.ts';
import {
  type Bend,
  type Cast,
  caCertificate,
  makeCast,
  now,
  present,
  session,
  signerCertificate,
} from './test-support/presentation.ts';
import { redirectTranscript } from './transcript.ts';
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

  // Every bit of every one takes minutes: one bit of each byte, of one with a named key and one with anchors.
  it.each(['lf-9', 'eu-A10-issuerSigned'])(
    '%s is refused with a bit flipped or an end cut off',
    async (id) => {
      const entry = entries.find((one) => one.id === id);
      expect(await accepted(entry as Entry & { readonly bytes: string })).toBe(0);
    },
    60_000,
  );
});

/** The same vector with one bit of its response flipped, or cut short. */
function* damaged<One extends { readonly bytes: string }>(entry: One): Generator<One> {
  const good = Buffer.from(entry.bytes, 'base64');
  const digit = good.indexOf('1.0') + 2;
  for (const [i, byte] of good.entries()) {
    const bit = 1 << (i % 8);
    if (i === digit && bit === 1) continue;
    const flipped = Uint8Array.from(good).with(i, byte ^ bit);
    yield { ...entry, bytes: toBase64Url(flipped) };
    yield { ...entry, bytes: toBase64Url(good.subarray(0, i)) };
  }
}

async function accepted(entry: { readonly bytes: string }): Promise<number> {
  let count = 0;
  for (const one of damaged(entry)) if ((await examineVector(one)) === 'valid') count += 1;
  return count;
}

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
    const signed = new Map<string, Writable>([
      ['docType', docType],
      ['issuerSigned', new CborRaw(bare)],
    ]);
    expect(await examineVector({ ...vector, bytes: toBase64Url(encodeCbor(signed)) })).toBe('valid');
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

  it('leaves out listed certificates of no authority, and has none without another', async () => {
    const { key: _, ...one } = await entry();
    const cast = await makeCast();
    const noAuthority = toBase64Url(cast.signerCertificate);
    expect(await examineVector({ ...one, anchorsDer: [noAuthority, ...one.anchorsDer] })).toBe('valid');
    expect(await examineVector({ ...one, anchorsDer: [noAuthority] })).toBe('certificate_usage');
  });

  it('may have been answered to a key, whose thumbprint is in base64 or hexadecimal', async () => {
    const cast = await makeCast();
    const jwkThumbprint = crypto.getRandomValues(new Uint8Array(32));
    const transcript = await redirectTranscript({ ...session, jwkThumbprint });
    const { key: _, ...one } = await entry();
    const anchorsDer = [toBase64Url(cast.caCertificate)];
    const answered = { ...one, anchorsDer, bytes: toBase64Url(await present(cast, { transcript })) };
    for (const written of [toBase64Url(jwkThumbprint), toHex(jwkThumbprint)]) {
      const oid4vp = { ...session, jwkThumbprint: written };
      expect(await examineVector({ ...answered, oid4vp })).toBe('valid');
    }
    expect(await examineVector(answered)).toBe('device_signature');
  });

  describe('whose issuer’s key is named', () => {
    const named = async (bend: (cast: Cast) => Promise<Bend>) => {
      const [cast, { anchorsDer: _, key: __, ...one }] = await Promise.all([makeCast(), entry()]);
      const issuerJwk = await crypto.subtle.exportKey('jwk', cast.signer.publicKey);
      return { ...one, issuerJwk, bytes: toBase64Url(await present(cast, await bend(cast))) };
    };
    const self = (cast: Cast) =>
      signerCertificate(cast.signer, cast.signer, { issuer: 'ACCORD TEST SIGNER – NOT VALID' });

    it('may carry that key’s certificate, which is looked at to the last bit when it is its own', async () => {
      const vector = await named(async (cast) => ({ x5chain: await self(cast) }));
      expect(await examineVector(vector)).toBe('valid');
      expect(await accepted(vector)).toBe(0);
    }, 60_000);

    it.each([
      [
        'nothing beside the signature',
        async () => ({ issuerHeader: (_, beside) => beside.clear() }),
        'valid',
      ],
      ['a name of the key', async () => ({ issuerHeader: (_, beside) => beside.set(4, 'key') }), 'valid'],
      [
        'that name alone',
        async () => ({ issuerHeader: (_, beside) => beside.set(4, 'key').delete(33) }),
        'valid',
      ],
      [
        'those above it, each signed by the next',
        async (cast) => ({ x5chain: [cast.signerCertificate, cast.caCertificate] }),
        'valid',
      ],
      [
        'one above it that did not sign it',
        async (cast) => ({ x5chain: [cast.signerCertificate, await caCertificate(cast.wallet)] }),
        'certificate_signature',
      ],
      ['no certificate', async () => ({ x5chain: [] }), 'chain_missing'],
      [
        'its certificate with its point in short',
        async (cast) => ({
          x5chain: await signerCertificate(cast.signer, cast.signer, {
            issuer: 'ACCORD TEST SIGNER – NOT VALID',
            spki: await shortSpki(cast.signer.publicKey),
          }),
        }),
        'valid',
      ],
      [
        'another key’s certificate with its point in short',
        async (cast) => ({
          x5chain: await signerCertificate(cast.ca, cast.signer, {
            spki: await shortSpki(cast.wallet.publicKey),
          }),
        }),
        'issuer_signature',
      ],
      ['something else', async () => ({ issuerHeader: (_, beside) => beside.set(35, 'key') }), 'cose_header'],
      [
        'another key’s certificate',
        async (cast) => ({ x5chain: await signerCertificate(cast.ca, cast.wallet) }),
        'issuer_signature',
      ],
      [
        'a certificate that it did not sign itself',
        async (cast) => ({
          x5chain: await signerCertificate(cast.ca, cast.signer, {
            issuer: 'ACCORD TEST SIGNER – NOT VALID',
          }),
        }),
        'certificate_signature',
      ],
    ] satisfies [string, (cast: Cast) => Promise<Bend>, string][])(
      'may carry %s',
      async (_, bend, verdict) => {
        expect(await examineVector(await named(bend))).toBe(verdict);
      },
    );
  });

  it('may say null where it says nothing', async () => {
    const { key: _, ...one } = await entry();
    const nothing = { issuerJwk: null, sessionTranscript: null, dcapi: null };
    const oid4vp = { ...session, jwkThumbprint: null, mdocGeneratedNonce: null };
    expect(await examineVector({ ...one, ...nothing, oid4vp })).toBe('valid');
  });

  it('may say the same in other words: lines of PEM, digits, a number without its zeros, another offset', async () => {
    const { anchorsDer, key, ...one } = await entry();
    const lines = Buffer.from(anchorsDer[0] as string, 'base64url')
      .toString('base64')
      .replaceAll(/.{64}/g, '$&\n');
    const pem = `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
    expect(await examineVector({ ...one, anchorsDer: pem })).toBe('valid');
    const [x, y] = [fromBase64Url(key.x as string), fromBase64Url(key.y as string)];
    expect(await examineVector({ ...one, issuerJwk: { ...key, x: toHex(x), y: toHex(y), use: 'sig' } })).toBe(
      'valid',
    );
    const clocks = [
      ['2026-11-20T13:00:00.5+01:00', 'valid'],
      ['2026-11-20', 'valid'],
      ['2027-03-20T00:00:00-11:00', 'mso_expired'],
    ] as const;
    for (const [clock, verdict] of clocks) {
      expect(await examineVector({ ...one, anchorsDer, now: clock })).toBe(verdict);
    }
  });

  it('has its issuer’s coordinates filled up to their size', async () => {
    const { anchorsDer: _, key: __, ...one } = await entry();
    // A point of P-256 with a short x.
    const y = '459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc';
    const issuerJwk = { kty: 'EC', crv: 'P-256', x: toBase64Url(Uint8Array.of(5)), y };
    expect(await examineVector({ ...one, issuerJwk })).toBe('issuer_signature');
    expect(await examineVector({ ...one, issuerJwk: { ...issuerJwk, y: issuerJwk.x } })).toBe(
      'certificate_key',
    );
  });

  it('is refused for an issuer’s key of another kind', async () => {
    const { anchorsDer: _, key, ...one } = await entry();
    for (const issuerJwk of [{ kty: 'OKP', crv: 'Ed25519', x: key.x }, { kty: 'RSA' }, { ...key, crv: 'K' }])
      expect(await examineVector({ ...one, issuerJwk })).toBe('cose_algorithm');
  });

  it('is refused without a session for what would be refused in any', async () => {
    const { key: _, oid4vp: __, ...one } = await entry();
    expect(await examineVector({ ...one, now: '2027-06-01T00:00:00Z' })).toBe('mso_expired');
    expect(await examineVector({ ...one, docType: 'another' })).toBe('doctype_mismatch');
  });

  it.each([
    ['has an issuer’s key that is none', (one: object) => ({ ...one, issuerJwk: [null] })],
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
