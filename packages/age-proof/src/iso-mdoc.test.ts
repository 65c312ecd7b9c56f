import { describe, expect, it } from 'vitest';
import { fromBase64Url, toBase64Url } from './bytes.ts';
import { type Cbor, CborTag, decodeCbor, encodeCbor, type Writable } from './cbor.ts';
import { isoMdocRequest, openIsoMdoc } from './iso-mdoc.ts';
import { makeCast, now, present } from './test-support/presentation.ts';
import { sealedBy } from './test-support/wallet.ts';
import { isoMdocTranscript } from './transcript.ts';
import { verifyProofOfAge } from './verify.ts';

const origin = 'https://accord.example';
const recipientPair = () =>
  crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, [
    'deriveBits',
  ]) as Promise<CryptoKeyPair>;

async function asked() {
  const recipient = await recipientPair();
  const { data } = await isoMdocRequest(recipient.publicKey, crypto.getRandomValues(new Uint8Array(16)));
  return { recipient, session: { origin, encryptionInfo: data.encryptionInfo }, data };
}

describe('org-iso-mdoc', () => {
  it('asks for one claim of one document, not to be kept', async () => {
    const { data } = await asked();
    const request = decodeCbor(fromBase64Url(data.deviceRequest)) as ReadonlyMap<string, Cbor>;
    const [one] = request.get('docRequests') as readonly ReadonlyMap<string, Cbor>[];
    const items = one?.get('itemsRequest') as CborTag;
    expect(items).toBeInstanceOf(CborTag);
    expect(decodeCbor(items.value as Uint8Array<ArrayBuffer>)).toEqual(
      new Map<string, unknown>([
        ['docType', 'eu.europa.ec.av.1'],
        ['nameSpaces', new Map([['eu.europa.ec.av.1', new Map([['age_over_18', false]])]])],
      ]),
    );
  });

  it('opens what a wallet sealed, and the proof within holds', async () => {
    const [cast, { recipient, session }] = await Promise.all([makeCast(), asked()]);
    const transcript = await isoMdocTranscript(session);
    const answer = await sealedBy(session.encryptionInfo, transcript, await present(cast, { transcript }));
    const opened = await openIsoMdoc(answer, recipient, session);
    if (!opened.ok) throw new Error(opened.code);
    const { response, sessionTranscript } = opened;
    expect(await verifyProofOfAge(response, { sessionTranscript, anchors: cast.anchors, now })).toMatchObject(
      {
        ok: true,
      },
    );
  });

  it('refuses another origin, another request, another key and a flipped bit', async () => {
    const { recipient, session } = await asked();
    const transcript = await isoMdocTranscript(session);
    const answer = await sealedBy(session.encryptionInfo, transcript, Uint8Array.of(1, 2, 3));
    const refused = { ok: false, code: 'answer_sealed_otherwise' };
    const elsewhere = { ...session, origin: 'https://elsewhere.example' };
    expect(await openIsoMdoc(answer, recipient, elsewhere)).toEqual(refused);
    const { session: another } = await asked();
    expect(await openIsoMdoc(answer, recipient, another)).toEqual(refused);
    expect(await openIsoMdoc(answer, await recipientPair(), session)).toEqual(refused);
    const bytes = fromBase64Url(answer.response);
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    expect(await openIsoMdoc({ response: toBase64Url(bytes) }, recipient, session)).toEqual(refused);
    const offCurve = new Map<string, Writable>([
      ['enc', Uint8Array.of(4, ...new Uint8Array(64).fill(7))],
      ['cipherText', new Uint8Array(32)],
    ]);
    const off = { response: toBase64Url(encodeCbor(['dcapi', offCurve])) };
    expect(await openIsoMdoc(off, recipient, session)).toEqual(refused);
  });

  it.each([
    ['nothing', undefined, 'answer_shape'],
    ['a text', 'response', 'answer_shape'],
    ['no response', {}, 'answer_shape'],
    ['a number', { response: 1 }, 'answer_shape'],
    ['padding', { response: 'AA==' }, 'encoding'],
    ['spare bits', { response: 'AB' }, 'encoding'],
    ['a list of one', { response: toBase64Url(encodeCbor(['dcapi'])) }, 'answer_shape'],
    ['another name', { response: toBase64Url(encodeCbor(['mdoc', new Map()])) }, 'answer_shape'],
    ['too much', { response: 'A'.repeat(100_000) }, 'too_large'],
  ])('refuses %s', async (_, answer, code) => {
    const { recipient, session } = await asked();
    expect(await openIsoMdoc(answer, recipient, session)).toEqual({ ok: false, code });
  });
});
