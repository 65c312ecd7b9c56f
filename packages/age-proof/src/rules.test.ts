import { beforeAll, describe, expect, it } from 'vitest';
import { type Bytes, join } from './bytes.ts';
import { CborRaw, decodeCbor, encodeCbor, type Writable } from './cbor.ts';
import { readAnchor } from './chain.ts';
import { readVpToken, redirectAddress, redirectClientId } from './openid4vp.ts';
import type { RefusalCode } from './refusals.ts';
import { spentTag } from './spent.ts';
import { signingPair } from './test-support/certificates.ts';
import {
  type Bend,
  type Cast,
  caCertificate,
  day,
  makeCast,
  now,
  present,
  session,
  signerCertificate,
  tdate,
} from './test-support/presentation.ts';
import { dcApiTranscript } from './transcript.ts';
import { type ProofTerms, verifyProofOfAge } from './verify.ts';

/*
 * The ten rules of a verifier, each with what it lets through at its edge. What it keeps out stands in
 * forgeries.test.ts, case by case.
 */

let cast: Cast;
beforeAll(async () => {
  cast = await makeCast();
});

const examined = async (response: Uint8Array, terms: Partial<ProofTerms> = {}) => {
  const verdict = await verifyProofOfAge(response, {
    anchors: cast.anchors,
    sessionTranscript: cast.transcript,
    now,
    ...terms,
  });
  return verdict.ok ? 'ok' : verdict.code;
};

const bent = async (bend: Bend, terms?: Partial<ProofTerms>) => examined(await present(cast, bend), terms);

/** A text with a head one byte longer than it need be, as wallets in the field write them. */
const longHeaded = (text: string): CborRaw => {
  const short = encodeCbor(text);
  return new CborRaw(join(Uint8Array.of(0x79, 0, text.length), short.subarray(short.length - text.length)));
};

describe('the rules', () => {
  it('1: 64 kB and 16 levels are the limit; a head longer than need be is none', async () => {
    expect(await bent({ response: (r) => r.set('version', longHeaded('1.0')) })).toBe('ok');
    const padding = (size: number): Bend => ({
      claims: [
        ['age_over_18', true],
        ['x', new Uint8Array(size)],
      ],
    });
    expect(await bent(padding(60_000))).toBe('ok');
    expect(await bent(padding(65_000))).toBe('too_large');
    const nested = (levels: number): Bytes => join(new Uint8Array(levels).fill(0x81), Uint8Array.of(0));
    expect(decodeCbor(nested(16))).toHaveLength(1);
    expect(await examined(nested(17))).toBe('cbor_depth');
    expect(await examined(nested(16))).toBe('response_shape');
  });

  it('2: one document of the one type, status 0, no errors; version 1.1 is another name of 1.0', async () => {
    expect(await bent({ response: (r) => r.set('version', '1.1') })).toBe('ok');
    expect(await bent({ response: (r) => r.set('version', '1.2') })).toBe('response_version');
    expect(await bent({ response: (r) => r.set('documentErrors', []) })).toBe('ok');
    expect(await bent({ response: (r) => r.set('status', new CborRaw(Uint8Array.of(0xf9, 0, 0))) })).toBe(
      'response_status',
    );
  });

  it.each(['P-384', 'P-521'] as const)(
    '3: the issuer may sign with %s and its own algorithm',
    async (curve) => {
      const signer = await signingPair(curve);
      const x5chain = await signerCertificate(cast.ca, signer);
      expect(await bent({ signer, x5chain })).toBe('ok');
      expect(await bent({ signer, x5chain, issuerHeader: (h) => h.set(1, -7) })).toBe('cose_algorithm');
    },
  );

  it('4: the signer is issued directly by a listed anchor, for one of two uses, from first to last second', async () => {
    const with_ = async (bend: Parameters<typeof signerCertificate>[2]) =>
      bent({ x5chain: await signerCertificate(cast.ca, cast.signer, bend) });
    expect(await with_({ uses: ['1.0.18013.5.1.2'] })).toBe('ok');
    expect(await with_({ uses: ['1.0.18013.5.1.2', '1.3.130.2.0.0.1.2'] })).toBe('ok');
    expect(await with_({ notAfter: now })).toBe('ok');
    expect(await with_({ hash: 'SHA-512' })).toBe('ok');
    expect(await with_({ serial: Uint8Array.of(0x9b, 1) })).toBe('ok');
    expect(await with_({ serial: Uint8Array.of(0xff, 0x9b) })).toBe('certificate_malformed');
    expect(await bent({ x5chain: [cast.signerCertificate] })).toBe('ok');
    expect(await bent({ x5chain: [cast.signerCertificate, cast.caCertificate] })).toBe('chain_length');
    const euOnly = [await readAnchor(cast.caCertificate, ['1.0.18013.5.1.2'])];
    expect(await bent({}, { anchors: euOnly })).toBe('certificate_usage');
    expect(await bent({}, { anchors: [] })).toBe('anchor_unknown');
  });

  it('4: of two anchors of one name, the one that signed counts', async () => {
    const other = await readAnchor(await caCertificate(await signingPair()));
    expect(await bent({}, { anchors: [other, ...cast.anchors] })).toBe('ok');
  });

  it('5: sixty seconds of another clock at the start, none at the end, fractions of seconds as they come', async () => {
    const from = (at: number): Bend => ({ validity: (v) => v.set('validFrom', tdate(at)) });
    expect(await bent(from(now + 60_000))).toBe('ok');
    expect(await bent(from(now + 61_000))).toBe('mso_not_yet_valid');
    const until = (at: number): Bend => ({ validity: (v) => v.set('validUntil', tdate(at)) });
    expect(await bent(until(now))).toBe('ok');
    expect(await bent(until(now - 1))).toBe('mso_expired');
    const dated = (text: string): Bend => ({
      validity: (v) => v.set('validUntil', new CborRaw(join(Uint8Array.of(0xc0), encodeCbor(text)))),
    });
    expect(await bent(dated('2027-01-01T00:00:00.123456789Z'))).toBe('ok');
    for (const text of [
      '2027-02-29T00:00:00Z',
      '2027-01-01T24:00:00Z',
      '2027-01-01T00:00:00+01:00',
      '2027-01-01',
    ]) {
      expect(await bent(dated(text))).toBe('mso_dates');
    }
  });

  it.each(['SHA-256', 'SHA-384', 'SHA-512'] as const)('5: digests may be %s', async (digestAlgorithm) => {
    expect(await bent({ digestAlgorithm })).toBe('ok');
  });

  it('5: what the issuer says beside what we need does not disturb', async () => {
    expect(
      await bent({
        mso: (m) => m.set('status', new Map([['status_list', new Map([['uri', 'https://x']])]])),
      }),
    ).toBe('ok');
  });

  it('6: the device signs with its own key and curve, its payload nil', async () => {
    expect(await bent({ wallet: await signingPair('P-384') })).toBe('ok');
    expect(await bent({ deviceAuth: (_, parts) => parts.splice(2, 1, new Uint8Array()) })).toBe(
      'device_payload',
    );
  });

  it('7: nothing but the one claim is looked at', async () => {
    const more: readonly (readonly [string, Writable])[] = [
      ['age_over_18', true],
      ['age_over_65', false],
    ];
    expect(await bent({ claims: more })).toBe('ok');
  });

  it('8: one attestation is one attestation, whatever its signatures look like', async () => {
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const twin = (signature: Uint8Array): Uint8Array => {
      const s = order - BigInt(`0x${Buffer.from(signature.subarray(32)).toString('hex')}`);
      return join(signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex'));
    };
    const known: Writable[] = [];
    const response = await present(cast, { issuerAuth: (parts) => void known.push(parts[3] as Writable) });
    const signature = known[0] as Bytes;
    const at = Buffer.from(response).indexOf(Buffer.from(signature));
    const malleated = response.slice();
    malleated.set(twin(signature), at);
    const verdicts = await Promise.all(
      [response, malleated].map((one) =>
        verifyProofOfAge(one, { anchors: cast.anchors, sessionTranscript: cast.transcript, now }),
      ),
    );
    const pepper = new Uint8Array(32).fill(7);
    const tags = await Promise.all(
      verdicts.map((one) => (one.ok ? spentTag(pepper, one.msoDigest) : one.code)),
    );
    expect(tags[0]).toBeInstanceOf(Uint8Array);
    expect(tags[1]).toEqual(tags[0]);
    expect(await spentTag(new Uint8Array(32).fill(8), new Uint8Array(32))).not.toEqual(tags[0]);
    await expect(spentTag(new Uint8Array(31), new Uint8Array(32))).rejects.toThrow(RangeError);
  });

  it('8: a verdict says no more than it must', async () => {
    const verdict = await verifyProofOfAge(await present(cast), {
      anchors: cast.anchors,
      sessionTranscript: cast.transcript,
      now,
    });
    expect(Object.keys(verdict).sort()).toEqual(['msoDigest', 'ok', 'validUntil']);
    expect(verdict).toMatchObject({ ok: true, validUntil: now + 60 * day });
  });

  it('9: an answer to another origin does not count', async () => {
    const transcript = await dcApiTranscript({ origin: 'https://accord.example', nonce: 'n' });
    const response = await present(cast, { transcript });
    expect(await examined(response, { sessionTranscript: transcript })).toBe('ok');
    const elsewhere = await dcApiTranscript({ origin: 'https://accord.example.org', nonce: 'n' });
    expect(await examined(response, { sessionTranscript: elsewhere })).toBe('device_signature');
  });

  it('10: the redirect carries its state, its query by value and the prefix of its client id', () => {
    const address = new URL(redirectAddress({ responseUri: session.responseUri, nonce: 'n', state: 's' }));
    expect(address.protocol).toBe('av:');
    expect(Object.fromEntries(address.searchParams)).toMatchObject({
      client_id: redirectClientId(session.responseUri),
      response_mode: 'direct_post',
      response_uri: session.responseUri,
      nonce: 'n',
      state: 's',
    });
    expect(redirectClientId(session.responseUri)).toBe(session.clientId);
  });
});

describe('a vp_token', () => {
  it.each([
    ['no JSON', '{', 'answer_shape'],
    ['a bare presentation', 'AAAA', 'answer_shape'],
    ['a list', [], 'answer_shape'],
    ['nothing', null, 'answer_shape'],
    ['no answer', {}, 'answer_shape'],
    ['an answer to another question', { name: ['AAAA'] }, 'answer_shape'],
    ['two answers', { age: ['AAAA'], name: ['AAAA'] }, 'answer_shape'],
    ['two presentations', { age: ['AAAA', 'AAAA'] }, 'answer_shape'],
    ['a presentation outside a list', { age: 'AAAA' }, 'answer_shape'],
    ['an object', { age: [{}] }, 'answer_shape'],
    ['padded base64', { age: ['AA=='] }, 'encoding'],
    ['too much', { age: ['A'.repeat(92_000)] }, 'too_large'],
  ] satisfies [string, unknown, RefusalCode][])('is refused with %s', async (_, token, code) => {
    expect(await readVpToken(token)).toEqual({ ok: false, code });
  });
});
