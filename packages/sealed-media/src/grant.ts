import { type Cbor, decodeCbor, encodeCbor, join } from './cbor.ts';
import { SealedMediaError } from './errors.ts';
import { type Bytes, equal, label, sha256, sign, verify } from './primitives.ts';
import { bytesOf, countOf, fieldsOf, listOf } from './shape.ts';

/**
 * The owner of a picture lets somebody share it. Signed with the picture's owner key (fresh for each picture), so that the
 * matching service learns that a share is allowed and not by whom.
 */
export interface Grant {
  /** The picture's owner key, public. */
  readonly ownerKey: Uint8Array;
  /** PDQ of the registered picture. */
  readonly h: Uint8Array;
  /** Key of the one who may share; they prove it by a signature over the commitment of what they send. */
  readonly sharer: Uint8Array;
  /** Identity keys of those who may receive it, as SHA-256 hashes with the grant's salt. */
  readonly receivers: readonly Uint8Array[];
  readonly salt: Uint8Array;
  /** Milliseconds since 1970 UTC. */
  readonly until: number;
  readonly signature: Uint8Array;
}

const body = ({ ownerKey, h, sharer, receivers, salt, until }: Omit<Grant, 'signature'>): Cbor => ({
  ownerKey,
  h,
  sharer,
  receivers,
  salt,
  until,
});

const message = (grant: Omit<Grant, 'signature'>): Bytes =>
  join(label('accord/grant/1'), encodeCbor(body(grant)));
const useMessage = (cm: Uint8Array): Bytes => join(label('accord/grant-use/1'), cm);

export async function giveGrant(ownerSeed: Uint8Array, grant: Omit<Grant, 'signature'>): Promise<Grant> {
  return { ...grant, signature: await sign(ownerSeed, message(grant)) };
}

/** The sharer's proof for one sending. */
export const useGrant = (sharerSeed: Uint8Array, cm: Uint8Array): Promise<Bytes> =>
  sign(sharerSeed, useMessage(cm));

/** What the matching service holds against a grant. */
export interface GrantCheck {
  /** Owner key of the registered picture that was matched. */
  readonly ownerKey: Uint8Array;
  readonly cm: Uint8Array;
  /** The sharer's proof over `cm`. */
  readonly use: Uint8Array;
  /** Salted hashes of those to whom it is about to go. */
  readonly receivers: readonly Uint8Array[];
  readonly now: number;
}

/** @throws {SealedMediaError} with the first `grant_…` code that applies */
export async function checkGrant(grant: Grant, check: GrantCheck): Promise<void> {
  if (!equal(grant.ownerKey, check.ownerKey)) throw new SealedMediaError('grant_other_picture');
  const authentic =
    (await verify(grant.ownerKey, message(grant), grant.signature)) &&
    (await verify(grant.sharer, useMessage(check.cm), check.use));
  if (!authentic) throw new SealedMediaError('grant_not_authentic');
  if (check.now >= grant.until) throw new SealedMediaError('grant_expired');
  const allowed = check.receivers.every((receiver) => grant.receivers.some((key) => equal(key, receiver)));
  if (check.receivers.length === 0 || !allowed) throw new SealedMediaError('grant_other_receiver');
}

export const encodeGrant = (grant: Grant): Bytes =>
  encodeCbor({ ...(body(grant) as { readonly [key: string]: Cbor }), signature: grant.signature });

/** Names a grant when it is taken back. */
export const grantIdOf = (grant: Grant): Promise<Bytes> =>
  sha256(label('accord/grant-id/1'), encodeGrant(grant));

/** @throws {SealedMediaError} `malformed` */
export function decodeGrant(bytes: Uint8Array): Grant {
  const f = fieldsOf(decodeCbor(bytes), [
    'ownerKey',
    'h',
    'sharer',
    'receivers',
    'salt',
    'until',
    'signature',
  ]);
  return {
    ownerKey: bytesOf(f.ownerKey, 32),
    h: bytesOf(f.h, 32),
    sharer: bytesOf(f.sharer, 32),
    receivers: listOf(f.receivers, 64, (key) => bytesOf(key, 32)),
    salt: bytesOf(f.salt, 16),
    until: countOf(f.until),
    signature: bytesOf(f.signature, 64),
  };
}
