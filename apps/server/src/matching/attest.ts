import { randomBytes } from 'node:crypto';
import type { Body } from '@accord/protocol';
import {
  attest,
  attestationLife,
  checkGrant,
  decodeGrant,
  encodeAnswer,
  grantIdOf,
  hammingDistance,
  isOwner,
  SealedMediaError,
} from '@accord/sealed-media';
import type { Handlers } from '../platform/http.ts';
import { createLimiter } from '../platform/limiter.ts';
import { Refusal } from '../platform/refusal.ts';
import { nextStep } from './even-time.ts';
import { askedOf, findAgainst, keptOf, type OthersPicture } from './judge.ts';
import type { Parts } from './parts.ts';
import { leastQuality } from './signal-store.ts';
import { usualRadius } from './threshold.ts';
import type { Explanation } from './types.ts';

/** How long a registration waits for its blob: its attestation, and what it takes to note the upload. */
const askedLifeMs = attestationLife + 60_000;

type Asked = Body<'matching.attest'>;

/** Who wants to send, as far as this service may know: whose key answers for the picture. */
interface Claimant {
  readonly ownerKey: Buffer;
  /** What a grant says that may be shared; null for the owner. */
  readonly granted: Buffer | null;
}

type Outcome =
  | { readonly pass: true; readonly ownerKey: Buffer }
  | { readonly pass: false; readonly reason: Explanation['reason']; readonly signalIds: readonly number[] };

const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64url');

export function attestHandlers(parts: Parts): Handlers<'matching.attest'> {
  const { config, clock } = parts.platform;
  const settings = { enabled: config.rateLimits, clock };
  const perHousehold = createLimiter({ burst: 60, perMinute: 20 }, settings);
  return {
    async 'matching.attest'({ body, request }) {
      const began = performance.now();
      perHousehold.takeAddress(request.ip);
      const claimant = await claimantOf(parts, body);
      const outcome = await decide(parts, body, claimant);
      // A yes writes more than a no, and on a busy machine took a second step more often: each begins on a step, with all of it.
      const decided = await nextStep(began);
      const answer = outcome.pass
        ? await register(parts, body, outcome.ownerKey)
        : await refuse(parts, outcome.reason, outcome.signalIds);
      await nextStep(decided);
      return { answer: Buffer.from(answer).toString('base64url') };
    },
  };
}

/**
 * Whose key answers for the picture: a proof or grant that does not hold is a mistake of the app, not a verdict on the
 * picture, and is told apart. @throws {Refusal} `bad_key_material`
 */
async function claimantOf({ platform }: Parts, { by, cm }: Asked): Promise<Claimant | 'refused'> {
  if (by.kind === 'owner') {
    const ownerKey = bytesOf(by.key);
    if (!(await isOwner(ownerKey, bytesOf(cm), bytesOf(by.proof)))) throw new Refusal('bad_key_material');
    return { ownerKey, granted: null };
  }
  try {
    const grant = decodeGrant(bytesOf(by.grant));
    const now = platform.clock();
    const receivers = by.receivers.map(bytesOf);
    await checkGrant(grant, {
      ownerKey: grant.ownerKey,
      cm: bytesOf(cm),
      use: bytesOf(by.use),
      receivers,
      now,
    });
    const withdrawn = await platform.db
      .selectFrom('grant_withdrawal')
      .select('grant_id')
      .where('grant_id', '=', Buffer.from(await grantIdOf(grant)))
      .executeTakeFirst();
    if (withdrawn !== undefined) return 'refused';
    return { ownerKey: Buffer.from(grant.ownerKey), granted: Buffer.from(grant.h) };
  } catch (error) {
    if (!(error instanceof SealedMediaError)) throw error;
    if (error.code === 'grant_expired' || error.code === 'grant_other_receiver') return 'refused';
    throw new Refusal('bad_key_material');
  }
}

async function decide(
  { platform, library }: Parts,
  body: Asked,
  claimant: Claimant | 'refused',
): Promise<Outcome> {
  if (claimant === 'refused') return { pass: false, reason: 'grant', signalIds: [] };
  const asked = askedOf(body);
  const pass = { pass: true, ownerKey: claimant.ownerKey } as const;
  // A grant is for one picture, however near the banks refuse: it opens no way for another.
  const other = claimant.granted !== null && hammingDistance(claimant.granted, asked.h) > usualRadius;
  if (body.q < leastQuality) {
    return other ? { pass: false, reason: 'grant', signalIds: [] } : pass;
  }
  const found = await findAgainst({ queries: platform.db, library }, { ...asked, named: true });
  if (found.blocked.length > 0) return { pass: false, reason: 'bank', signalIds: found.blocked };
  const foreign = (picture: OthersPicture) => picture.ownerKey?.equals(claimant.ownerKey) !== true;
  if (found.registered.some(foreign)) return { pass: false, reason: 'registered', signalIds: [] };
  // Sharing what its owner never registered, or had forgotten, needs the owner and not a grant.
  if (claimant.granted !== null && (other || found.registered.length === 0)) {
    return { pass: false, reason: 'grant', signalIds: [] };
  }
  return pass;
}

/** Registers and signs. A retry of the same sending gets a fresh attestation of the same registration. */
async function register(parts: Parts, body: Asked, ownerKey: Buffer): Promise<Uint8Array> {
  const { platform, library, keys } = parts;
  const now = platform.clock();
  const blobTag = keys.tagOf(bytesOf(body.blobId));
  const cm = bytesOf(body.cm);
  const h = bytesOf(body.h);
  const mine = await platform.db.transaction().execute(async (tx) => {
    const row = await tx
      .insertInto('registered_picture')
      .values({
        blob_tag: blobTag,
        owner_key: ownerKey,
        cm,
        quality: body.q,
        state: 'asked',
        ends_at: new Date(now + askedLifeMs),
        afterwards: body.afterwards,
      })
      .onConflict((at) =>
        at
          .column('blob_tag')
          // Its blob may be here already, and its message late: then it stays as long as it can be opened.
          .doUpdateSet((is) => ({
            ends_at: is
              .case()
              .when('registered_picture.state', '=', 'asked')
              .then(new Date(now + askedLifeMs))
              .else(is.ref('registered_picture.ends_at'))
              .end(),
          }))
          .where('registered_picture.owner_key', '=', ownerKey)
          .where('registered_picture.cm', '=', cm)
          .where('registered_picture.state', 'in', ['asked', 'open']),
      )
      .returning(['id', 'quality'])
      .executeTakeFirst();
    if (row === undefined) return false;
    const there = await tx
      .selectFrom('matching_hash')
      .select('id')
      .where('registered_id', '=', row.id)
      .executeTakeFirst();
    if (there !== undefined || body.q < leastQuality) return true;
    const kept = [{ kind: 0, hash: h, anchor: null }, ...keptOf(body).map((crop) => ({ kind: 1, ...crop }))];
    await tx
      .insertInto('matching_hash')
      .values(kept.map((one) => ({ ...one, signal_id: null, registered_id: row.id })))
      .execute();
    return true;
  });
  // The blob is somebody else's, or here already: neither is told apart from any other no.
  if (!mine) return refuse(parts, 'registered', []);
  await library.changed();
  const { kid, seed } = keys.signing;
  const attestation = await attest(seed, {
    h,
    q: body.q,
    cm,
    bankEpoch: library.loaded.epoch,
    iat: now,
    kid,
  });
  return encodeAnswer({ outcome: 'attested', attestation });
}

/** Notes why, without the picture's hash, under a code that only the one who was refused gets. */
async function refuse(
  { platform }: Parts,
  reason: Explanation['reason'],
  signalIds: readonly number[],
): Promise<Uint8Array> {
  const appeal = randomBytes(16);
  await platform.db
    .insertInto('matching_refusal')
    .values({ appeal, reason, signal_ids: [...signalIds], at: new Date(platform.clock()) })
    .execute();
  return encodeAnswer({ outcome: 'refused', appeal });
}
