import { randomBytes } from 'node:crypto';
import { open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from './blobs.ts';

/** A secret key of the service with the name under which others meet it. */
interface RingKey {
  /** 8 random bytes. */
  readonly kid: Buffer;
  /** 32 random bytes. */
  readonly secret: Buffer;
  /** Milliseconds since 1970 UTC. */
  readonly madeAt: number;
}

/** The keys of one purpose: the newest is used, the older ones still check or open what they made. */
export interface KeyRing {
  current(): RingKey;
  /** By id; looks at the folder again when it is not known, for another process may have made it. */
  find(kid: Uint8Array): Promise<RingKey | undefined>;
  all(): readonly RingKey[];
  /** Makes a new key, which is current from now on. */
  rotate(now: number): Promise<RingKey>;
  /** Removes keys made before `oldest`, never the current one; returns how many. */
  prune(oldest: number): Promise<number>;
}

const fileName = /^(\d{13})-([0-9a-f]{16})\.key$/;

async function readRing(folder: string): Promise<RingKey[]> {
  const names = await readdir(folder).catch((error: { code?: string }) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const keys: RingKey[] = [];
  for (const name of names.sort()) {
    const [, madeAt, kid] = fileName.exec(name) ?? [];
    if (madeAt === undefined || kid === undefined) continue;
    const secret = await readFile(join(folder, name));
    if (secret.length !== 32)
      throw new Error(`${join(folder, name)} is no key: it has ${secret.length} bytes.`);
    keys.push({ kid: Buffer.from(kid, 'hex'), secret, madeAt: Number(madeAt) });
  }
  return keys;
}

/** Ids and ages of the keys in a ring, oldest first, without their secrets. */
export const keyIds = async (dataFolder: string, purpose: string) =>
  (await readRing(ringFolder(dataFolder, purpose))).map(({ kid, madeAt }) => ({
    kid: kid.toString('hex'),
    madeAt,
  }));

const ringFolder = (dataFolder: string, purpose: string): string => join(dataFolder, 'keys', purpose);

/**
 * The ring in `keys/<purpose>` of the data folder, one file to a key, for our user alone. It is neither in the database nor in a
 * backup of it. Makes the first key.
 */
export async function openKeyRing(dataFolder: string, purpose: string, now: number): Promise<KeyRing> {
  const folder = ringFolder(dataFolder, purpose);
  const pathOf = ({ kid, madeAt }: RingKey) =>
    join(folder, `${String(madeAt).padStart(13, '0')}-${kid.toString('hex')}.key`);
  let keys = await readRing(folder);
  const byKid = (kid: Uint8Array) => keys.find((key) => key.kid.equals(kid));
  const ring: KeyRing = {
    current() {
      const newest = keys.at(-1);
      if (newest === undefined) throw new Error('a key ring without a key');
      return newest;
    },
    async find(kid) {
      const known = byKid(kid);
      if (known !== undefined) return known;
      keys = await readRing(folder);
      return byKid(kid);
    },
    all: () => keys,
    async rotate(at) {
      const key: RingKey = { kid: randomBytes(8), secret: randomBytes(32), madeAt: at };
      await writeDurably(pathOf(key), key.secret);
      keys = await readRing(folder);
      return key;
    },
    async prune(oldest) {
      const old = keys.slice(0, -1).filter((key) => key.madeAt < oldest);
      for (const key of old) {
        // Overwritten first: what a file held outlives its name on many disks.
        await writeOver(pathOf(key));
        await rm(pathOf(key), { force: true });
      }
      keys = keys.filter((key) => !old.includes(key));
      return old.length;
    },
  };
  if (keys.length === 0) await ring.rotate(now);
  return ring;
}

async function writeOver(path: string): Promise<void> {
  const file = await open(path, 'r+').catch(() => undefined);
  if (file === undefined) return;
  try {
    await file.write(randomBytes(32), 0, 32, 0);
    await file.datasync();
  } finally {
    await file.close();
  }
}
