import { join } from './cbor.ts';
import { type Bytes, label, sign, u64, verify } from './primitives.ts';

/*
 * Who sends a picture first makes a key for it. Holding that key is what owning the picture means to the matching service,
 * which so never needs to know whose it is.
 */

/** What an owner does about their picture beyond sending it. */
export type OwnerAct = 'refuse' | 'forget' | 'withdraw_grant';

/** How far the time of an act may be from the service's clock, in milliseconds: an act that was overheard is soon worthless. */
export const ownerActWindow = 5 * 60 * 1000;

const useMessage = (cm: Uint8Array): Bytes => join(label('accord/owner-use/1'), cm);

/** The owner's proof for one sending. */
export const proveOwner = (ownerSeed: Uint8Array, cm: Uint8Array): Promise<Bytes> =>
  sign(ownerSeed, useMessage(cm));

export const isOwner = (ownerKey: Uint8Array, cm: Uint8Array, proof: Uint8Array): Promise<boolean> =>
  verify(ownerKey, useMessage(cm), proof);

/** One act at one time. `about` is the grant's id for `withdraw_grant` and empty for the others. */
export interface OwnerStatement {
  readonly act: OwnerAct;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
  readonly about: Uint8Array;
}

const actMessage = (ownerKey: Uint8Array, { act, at, about }: OwnerStatement): Bytes =>
  join(label('accord/owner-act/1'), label(`accord/${act}/1`), ownerKey, u64(at), about);

/** The owner's signature under an act. */
export const signOwnerAct = (
  ownerSeed: Uint8Array,
  ownerKey: Uint8Array,
  statement: OwnerStatement,
): Promise<Bytes> => sign(ownerSeed, actMessage(ownerKey, statement));

/** Whether the owner said this, and about now. */
export async function isOwnerAct(
  ownerKey: Uint8Array,
  statement: OwnerStatement,
  { proof, now }: { readonly proof: Uint8Array; readonly now: number },
): Promise<boolean> {
  if (Math.abs(now - statement.at) > ownerActWindow) return false;
  return verify(ownerKey, actMessage(ownerKey, statement), proof);
}
