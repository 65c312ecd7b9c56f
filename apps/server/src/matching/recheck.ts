import type { Body } from '@accord/protocol';
import {
  type Attestation,
  checkAttestation,
  hammingDistance,
  hashTolerance,
  readAttestation,
  SealedMediaError,
} from '@accord/sealed-media';
import type { Handlers } from '../platform/http.ts';
import { createLimiter } from '../platform/limiter.ts';
import { nextStep } from './even-time.ts';
import { askedOf, findAgainst } from './judge.ts';
import type { Parts } from './parts.ts';
import { leastQuality } from './signal-store.ts';

/** The receiver's question, with what their own device hashed. */
export function recheckHandlers(parts: Parts): Handlers<'matching.recheck'> {
  const { config, clock } = parts.platform;
  const perHousehold = createLimiter({ burst: 240, perMinute: 120 }, { enabled: config.rateLimits, clock });
  return {
    async 'matching.recheck'({ body, request }) {
      const began = performance.now();
      perHousehold.takeAddress(request.ip);
      const verdict = (await mayBeShown(parts, body)) ? 'show' : 'hide';
      await nextStep(began);
      return { verdict, bankEpoch: parts.library.loaded.epoch };
    },
  };
}

async function mayBeShown(parts: Parts, body: Body<'matching.recheck'>): Promise<boolean> {
  const { platform, library } = parts;
  const attestation = await ourAttestation(parts, Buffer.from(body.attestation, 'base64url'));
  if (attestation === undefined) return false;
  const asked = askedOf(body);
  // Somebody who declares a clear picture unverifiable, or another picture, meant to be spared the question.
  const sameClass = body.q >= leastQuality === attestation.q >= leastQuality;
  if (!sameClass || hammingDistance(asked.h, attestation.h) > hashTolerance.ask) return false;
  if (body.q < leastQuality) return true;
  const found = await findAgainst({ queries: platform.db, library }, { ...asked, named: false });
  if (found.blocked.length > 0) return false;
  const own = await platform.db
    .selectFrom('registered_picture')
    .select('owner_key')
    .where('cm', '=', Buffer.from(attestation.cm))
    .executeTakeFirst();
  const ownerKey = own?.owner_key;
  return found.registered.every((picture) => ownerKey != null && picture.ownerKey?.equals(ownerKey) === true);
}

/** The attestation, if one of our keys signed it; undefined for anything else. */
async function ourAttestation({ keys }: Parts, bytes: Buffer): Promise<Attestation | undefined> {
  try {
    const attestation = readAttestation(bytes);
    const { kid, h, q, cm, iat } = attestation;
    const publicKey = await keys.publicKey(kid);
    if (publicKey === undefined) return undefined;
    const known = new Map([[Buffer.from(kid).toString('hex'), publicKey]]);
    await checkAttestation(attestation, { keys: known, h, q, cm, takenAt: iat });
    return attestation;
  } catch (error) {
    if (error instanceof SealedMediaError) return undefined;
    throw error;
  }
}
