/**
 * The published vectors of sealed pictures: every input and output as hex, in `docs/sealed-media-vectors.json`. Keys and ids come
 * from a counter, times are fixed, and every primitive is deterministic, so that anybody's implementation must agree to the byte.
 *
 *   node packages/sealed-media/scripts/vectors.ts
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { answerBytes, encodeAnswer } from '../src/answer.ts';
import { attest, attestationBytes, hex } from '../src/attestation.ts';
import { type Cbor, encodeCbor } from '../src/cbor.ts';
import { consent, encodeConsent, withdrawConsent } from '../src/consent.ts';
import { encodeDescriptor } from '../src/descriptor.ts';
import { countingRandom, honestSending, sentAt } from '../src/fixtures.ts';
import { frankingCommitment, frankingTag } from '../src/franking.ts';
import { encodeGrant, giveGrant, grantIdOf, useGrant } from '../src/grant.ts';
import { proveOwner, signOwnerAct } from '../src/owner.ts';
import { publicKeyOf, sha256 } from '../src/primitives.ts';
import { profileSamples } from '../src/profile-samples.ts';
import { encodeReport } from '../src/report.ts';
import { commitmentOf, seal } from '../src/seal.ts';

export const vectorsFile = fileURLToPath(new URL('../../../docs/sealed-media-vectors.json', import.meta.url));

type Hexed = string | number | boolean | null | readonly Hexed[] | { readonly [key: string]: Hexed };

/** The same value with its bytes as hex. */
function hexed(value: unknown): Hexed {
  if (value instanceof Uint8Array) return hex(value);
  if (Array.isArray(value)) return value.map(hexed);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hexed(inner)]));
  }
  return value as Hexed;
}

const cborSamples: readonly Cbor[] = [
  0,
  23,
  24,
  255,
  256,
  65_536,
  2 ** 32,
  Number.MAX_SAFE_INTEGER,
  -1,
  -257,
  '',
  'œuvre',
  true,
  false,
  null,
  [],
  [1, [2, 'three']],
  {},
  { b: 1, a: 2, aa: 3 },
];

async function sealVectors(random: ReturnType<typeof countingRandom>) {
  const out = [];
  for (const length of [1, 32, 65_536, 65_537]) {
    const [km, ks, blobId] = [random(32), random(32), random(16)];
    const plaintext = Uint8Array.from({ length }, (_, i) => (i * 37 + 11) & 255);
    const ciphertext = await seal(plaintext, { km, ks }, blobId);
    out.push({
      km,
      ks,
      blobId,
      plaintext: `byte i is (37 i + 11) mod 256, ${length} bytes`,
      ciphertextBytes: ciphertext.length,
      // Version, key commitment and the head of the first chunk; the whole by its hash.
      ciphertextHead: ciphertext.subarray(0, 64),
      cth: await sha256(ciphertext),
    });
  }
  return out;
}

async function frankingVector(random: ReturnType<typeof countingRandom>) {
  const [kf, serverKey] = [random(32), random(32)];
  const content = new TextEncoder().encode('La mer est calme aujourd’hui.');
  const c = await frankingCommitment(kf, content);
  const context = { c, deviceId: random(16), groupId: random(16), epoch: 7, n: 42, at: sentAt };
  const tag = await frankingTag(serverKey, context);
  const kid = random(8);
  const message = { kind: 'text' as const, content, kf, context, kid, tag, ks: null };
  const report = { reason: 'harassment', words: 'Assez.', messages: [message] };
  return {
    franking: { kf, content, serverKey, context, tag },
    report: { ...report, encoded: encodeReport(report) },
  };
}

async function consentVector(random: ReturnType<typeof countingRandom>) {
  const [seed, receiverSeed] = [random(32), random(32)];
  const record = await consent(seed, {
    id: random(16),
    giver: await publicKeyOf(seed),
    ph: random(32),
    receivers: [await publicKeyOf(receiverSeed)],
    until: sentAt + 86_400_000,
    givenAt: sentAt,
  });
  return { seed, record, encoded: encodeConsent(record), withdrawal: await withdrawConsent(seed, record.id) };
}

async function matchingVectors(random: ReturnType<typeof countingRandom>) {
  const [serviceSeed, h, r, kid] = [random(32), random(32), random(32), random(8)];
  const committed = { cth: random(32), ph: random(32), h, q: 93, r };
  const cm = await commitmentOf(committed);
  const attestation = await attest(serviceSeed, { h, q: 93, cm, bankEpoch: 7, iat: sentAt, kid });
  const [ownerSeed, sharerSeed] = [random(32), random(32)];
  const ownerKey = await publicKeyOf(ownerSeed);
  const grant = await giveGrant(ownerSeed, {
    ownerKey,
    h,
    sharer: await publicKeyOf(sharerSeed),
    receivers: [random(32)],
    salt: random(16),
    until: sentAt + 86_400_000,
  });
  const statement = { act: 'forget' as const, at: sentAt, about: new Uint8Array() };
  const refused = encodeAnswer({ outcome: 'refused', appeal: random(16) });
  return {
    commitment: { ...committed, cm },
    attestation: { serviceSeed, attestation, bytes: attestationBytes(attestation) },
    answers: { bytes: answerBytes, attested: encodeAnswer({ outcome: 'attested', attestation }), refused },
    owner: {
      ownerSeed,
      ownerKey,
      proof: await proveOwner(ownerSeed, cm),
      forget: await signOwnerAct(ownerSeed, ownerKey, statement),
    },
    grant: {
      grant,
      encoded: encodeGrant(grant),
      id: await grantIdOf(grant),
      sharerSeed,
      use: await useGrant(sharerSeed, cm),
    },
  };
}

/** All of them, computed anew. */
export async function computeVectors(): Promise<Hexed> {
  const random = countingRandom();
  const sending = await honestSending(countingRandom(1000));
  return hexed({
    about:
      'Sealed pictures, version 1. Bytes are hex, times milliseconds since 1970 UTC. See docs/sealed-media.md.',
    cbor: cborSamples.map((value) => ({ value, encoded: encodeCbor(value) })),
    seal: await sealVectors(random),
    ...(await frankingVector(random)),
    consent: await consentVector(random),
    ...(await matchingVectors(random)),
    // What a receiver decodes, and the code for everything else.
    profile: profileSamples().map(([what, bytes, refused]) => ({ what, bytes, refused })),
    descriptor: {
      kf: sending.arrived.kf,
      descriptor: sending.descriptor,
      encoded: encodeDescriptor(sending.descriptor),
      c: sending.arrived.c,
    },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(vectorsFile, `${JSON.stringify(await computeVectors(), null, 2)}\n`);
}
