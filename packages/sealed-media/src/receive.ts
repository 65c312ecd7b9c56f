import { type Attestation, checkAttestation } from './attestation.ts';
import { readCanonical } from './canonical.ts';
import { checkConsent } from './consent.ts';
import { type Descriptor, decodeDescriptor } from './descriptor.ts';
import { SealedMediaError } from './errors.ts';
import { checkFranking } from './franking.ts';
import { type Bytes, equal, sha256 } from './primitives.ts';
import { commitmentOf, open } from './seal.ts';

/*
 * The receiver's checks, in the order in which they cost: nothing is fetched for a message that fails the first ones, and
 * nothing is decoded that is not the canonical form of what was attested.
 */

/** Bits that two honest decoders may differ by, and up to where the receiver asks with their own hash. */
export const hashTolerance = { same: 4, ask: 10 } as const;

/** What came with the message: the sender's commitment `c` and the time of the delivery service's tag. */
export interface Arrived {
  readonly content: Uint8Array;
  readonly kf: Uint8Array;
  readonly c: Uint8Array;
  /** Milliseconds since 1970 UTC, from the delivery service's tag. */
  readonly takenAt: number;
}

/** Reads a descriptor and checks what can be checked without fetching. @throws {SealedMediaError} */
export async function admit(
  arrived: Arrived,
  trust: {
    readonly keys: ReadonlyMap<string, Uint8Array>;
    readonly receiver: Uint8Array;
    readonly now: number;
  },
): Promise<Descriptor> {
  await checkFranking(arrived.c, arrived.kf, arrived.content);
  const descriptor = decodeDescriptor(arrived.content);
  const { attestation, h, q } = descriptor;
  const cm = await commitmentOf(descriptor);
  await checkAttestation(attestation, { keys: trust.keys, h, q, cm, takenAt: arrived.takenAt });
  for (const record of descriptor.consents) {
    await checkConsent(record, { ph: descriptor.ph, receiver: trust.receiver, now: trust.now });
  }
  return descriptor;
}

/** Opens what was fetched: the canonical bytes of the very picture that was attested. @throws {SealedMediaError} */
export async function openPicture(
  descriptor: Descriptor,
  ciphertext: Uint8Array,
  ks: Uint8Array,
): Promise<Bytes> {
  if (!equal(await sha256(ciphertext), descriptor.cth)) throw new SealedMediaError('ciphertext_changed');
  const picture = await open(ciphertext, { km: descriptor.km, ks }, descriptor.blobId);
  if (!equal(await sha256(picture), descriptor.ph)) throw new SealedMediaError('plaintext_changed');
  const { type, width, height } = readCanonical(picture);
  if (type !== descriptor.type || width !== descriptor.width || height !== descriptor.height) {
    throw new SealedMediaError('not_canonical', 'other than described');
  }
  return picture;
}

/** Hamming distance of two hashes. */
export function hammingDistance(a: Uint8Array, b: Uint8Array): number {
  let distance = 0;
  for (let i = 0; i < a.length; i += 1) {
    for (let bits = (a[i] as number) ^ (b[i] as number); bits !== 0; bits &= bits - 1) distance += 1;
  }
  return distance;
}

/**
 * Holds the hash of the very bitmap that will be drawn against the declared one: `same` draws, `ask` first asks the
 * matching service with the own hash. @throws {SealedMediaError} `hash_differs`
 */
export function compareHash(descriptor: Pick<Descriptor, 'h'>, drawn: Uint8Array): 'same' | 'ask' {
  const distance = hammingDistance(descriptor.h, drawn);
  if (distance <= hashTolerance.same) return 'same';
  if (distance <= hashTolerance.ask) return 'ask';
  throw new SealedMediaError('hash_differs');
}

/** Whether a day has passed and the banks have moved since the attestation: then the receiver asks again. */
export const isStale = (attestation: Attestation, now: number, bankEpoch: number): boolean =>
  bankEpoch !== attestation.bankEpoch && now - attestation.iat > 24 * 60 * 60 * 1000;
