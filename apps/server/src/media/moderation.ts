import { BoxError, boxPublicKey, openBox, sealToBox } from '@accord/group-crypto/box';
import { type KeyRing, openKeyRing } from '../platform/key-ring.ts';

/** The desk's own box: what members seal to it only this server opens, and what it stores only its key file opens. */
export interface Moderation {
  readonly kid: Buffer;
  /** X-Wing, 1216 bytes. */
  publicKey(): Promise<Uint8Array>;
  /** Undefined when it is not for any key of ours, or was changed. */
  open(kid: Uint8Array, sealed: Uint8Array, context: Uint8Array): Promise<Uint8Array | undefined>;
  /** Seals with the current key. */
  seal(
    bytes: Uint8Array,
    context: Uint8Array,
  ): Promise<{ readonly kid: Buffer; readonly sealed: Uint8Array }>;
}

export async function openModeration(folder: string, now: number): Promise<Moderation> {
  const ring: KeyRing = await openKeyRing(folder, 'moderation', now);
  const known = new Map<string, Promise<Uint8Array>>();
  const publicKey = () => {
    const { kid, secret } = ring.current();
    const name = kid.toString('hex');
    const found = known.get(name) ?? boxPublicKey(secret);
    known.set(name, found);
    return found;
  };
  return {
    get kid() {
      return ring.current().kid;
    },
    publicKey,
    async open(kid, sealed, context) {
      const key = await ring.find(kid);
      if (key === undefined) return undefined;
      try {
        return await openBox(key.secret, sealed, context);
      } catch (error) {
        if (error instanceof BoxError) return undefined;
        throw error;
      }
    },
    async seal(bytes, context) {
      const { kid } = ring.current();
      return { kid, sealed: await sealToBox(await publicKey(), bytes, context) };
    },
  };
}
