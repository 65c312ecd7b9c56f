import { SealedMediaError } from './errors.ts';
import { type Bytes, equal, hmac, label, u64 } from './primitives.ts';

/*
 * Message franking (Facebook 2016; Grubbs, Lu, Ristenpart 2017): the sender commits to what they send with a key that is
 * inside the message, the delivery service tags the commitment, and a report opens both. Only the service can check
 * its own tag: a leaked report proves nothing to the public. The commitment covers the picture's own hash, so that
 * a ciphertext that opens two ways (Dodis et al. 2018) gains nothing.
 */

/** `c`: the sender's commitment, in MLS `authenticated_data`. `kf` is 32 random bytes inside the message. */
export const frankingCommitment = (kf: Uint8Array, content: Uint8Array): Promise<Bytes> =>
  hmac(kf, label('accord/franking/1'), content);

/** @throws {SealedMediaError} `franking_mismatch` */
export async function checkFranking(c: Uint8Array, kf: Uint8Array, content: Uint8Array): Promise<void> {
  if (!equal(c, await frankingCommitment(kf, content))) throw new SealedMediaError('franking_mismatch');
}

/** What the delivery service knows of a message when it takes it. */
export interface TagContext {
  /** The sender's commitment, 32 bytes. */
  readonly c: Uint8Array;
  /** UUIDs' bytes, 16 each. */
  readonly deviceId: Uint8Array;
  readonly groupId: Uint8Array;
  readonly epoch: number;
  /** The device's send number. */
  readonly n: number;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
}

/** `t`: the delivery service's tag, under a key of its own that rotates. */
export const frankingTag = (serverKey: Uint8Array, context: TagContext): Promise<Bytes> =>
  hmac(
    serverKey,
    label('accord/tag/1'),
    context.c,
    context.deviceId,
    context.groupId,
    u64(context.epoch),
    u64(context.n),
    u64(context.at),
  );

/** Whether this account's device sent exactly this, then. @throws {SealedMediaError} `tag_not_authentic`, `franking_mismatch` */
export async function checkReport(
  serverKey: Uint8Array,
  context: TagContext,
  tag: Uint8Array,
  opened: { readonly kf: Uint8Array; readonly content: Uint8Array },
): Promise<void> {
  if (!equal(tag, await frankingTag(serverKey, context))) throw new SealedMediaError('tag_not_authentic');
  await checkFranking(context.c, opened.kf, opened.content);
}
