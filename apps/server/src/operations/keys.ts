import { keyIds, openKeyRing } from '../platform/key-ring.ts';

/** The rings that an operator sees; each is a folder under `keys/`. */
export const keyPurposes = ['franking', 'moderation'] as const;
export type KeyPurpose = (typeof keyPurposes)[number];

/** A key by what it is called; never the secret. */
export interface ListedKey {
  /** Hex. */
  readonly kid: string;
  /** Milliseconds since 1970 UTC. */
  readonly madeAt: number;
}

/** Oldest first; the last one is used. */
export const listKeys = (dataFolder: string, purpose: KeyPurpose): Promise<ListedKey[]> =>
  keyIds(dataFolder, purpose);

/** Makes a new key of a kind, which a server uses from its next start. */
export async function rotateKey(dataFolder: string, purpose: KeyPurpose, now: number): Promise<ListedKey> {
  const had = (await keyIds(dataFolder, purpose)).length > 0;
  const ring = await openKeyRing(dataFolder, purpose, now);
  // Opening an empty ring makes its first key.
  const { kid, madeAt } = had ? await ring.rotate(now) : ring.current();
  return { kid: kid.toString('hex'), madeAt };
}
