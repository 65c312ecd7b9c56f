import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { publicKeyOf } from '@accord/sealed-media';
import { z } from 'zod';
import type { Platform } from '../platform/platform.ts';
import { Refusal } from '../platform/refusal.ts';

/** A key signs for this long; what it signed stays good, as its public half is kept. */
const keyLifeMs = 90 * 86_400_000;

const secret = z.string().regex(/^[A-Za-z0-9_-]+$/);
const keyFile = z.strictObject({ kid: secret.length(11), seed: secret.length(43), since: z.int() });

interface SigningKey {
  readonly kid: Buffer;
  /** Secret: 32 bytes. */
  readonly seed: Buffer;
}

interface PublicKey {
  readonly kid: Buffer;
  readonly publicKey: Buffer;
  readonly since: Date;
}

/** The key that attests, the keys that ever attested, and the key that names blobs. */
export class Keys {
  readonly #platform: Platform;
  #signing: SigningKey | undefined;
  #tagKey: Buffer | undefined;
  #known: readonly PublicKey[] = [];

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** Reads the key from the data folder, or makes one; tells the database its public half. */
  async start(): Promise<void> {
    const { db, clock, folder } = this.#platform;
    const { kid, seed, since } = await currentKey(join(folder, 'matching'), clock());
    const publicKey = Buffer.from(await publicKeyOf(seed));
    await db
      .insertInto('attestation_key')
      .values({ kid, public_key: publicKey, since: new Date(since) })
      .onConflict((at) => at.doNothing())
      .execute();
    const { tag_key } = await db.selectFrom('matching_state').select('tag_key').executeTakeFirstOrThrow();
    this.#tagKey = tag_key;
    this.#signing = { kid, seed };
    await this.publicKeys();
  }

  /** @throws {Refusal} `unavailable` before `start` */
  get signing(): SigningKey {
    if (this.#signing === undefined) throw new Refusal('unavailable', { retryAfter: 2 });
    return this.#signing;
  }

  /** Every key that signs or signed, of every process; the newest first. */
  async publicKeys(): Promise<readonly PublicKey[]> {
    const rows = await this.#platform.db
      .selectFrom('attestation_key')
      .selectAll()
      .orderBy('since', 'desc')
      .execute();
    this.#known = rows.map(({ kid, public_key, since }) => ({ kid, publicKey: public_key, since }));
    return this.#known;
  }

  /** The public half of one key; that of another process may be newer than what we know. */
  async publicKey(kid: Uint8Array): Promise<Buffer | undefined> {
    const find = () => this.#known.find((key) => key.kid.equals(kid))?.publicKey;
    const known = find();
    if (known !== undefined) return known;
    await this.publicKeys();
    return find();
  }

  /**
   * What a blob is called in the registry: its 16 bytes as one block of AES-256, which is a permutation that nobody can tell from a
   * random one without the key. Whoever has the registry's tables alone can't tell which blob that is; we can, at once, however
   * many there are.
   */
  tagOf(blobId: Uint8Array): Buffer {
    return oneBlock(createCipheriv('aes-256-ecb', this.#namer, null), blobId);
  }

  /** The blob that has this tag; undefined for what is no tag of ours. */
  blobOf(tag: Uint8Array): Buffer | undefined {
    if (tag.length !== blockBytes) return undefined;
    return oneBlock(createDecipheriv('aes-256-ecb', this.#namer, null), tag);
  }

  get #namer(): Buffer {
    if (this.#tagKey === undefined) throw new Refusal('unavailable', { retryAfter: 2 });
    return createHmac('sha256', this.#tagKey).update('accord/blob-tag/2').digest();
  }
}

const blockBytes = 16;

function oneBlock(
  cipher: ReturnType<typeof createCipheriv | typeof createDecipheriv>,
  block: Uint8Array,
): Buffer {
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(block), cipher.final()]);
}

async function currentKey(folder: string, now: number) {
  const path = join(folder, 'attestation-key.json');
  const found = await readKey(path);
  if (found !== undefined && now - found.since < keyLifeMs) return found;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const fresh = { kid: randomBytes(8), seed: randomBytes(32), since: now };
  const text = JSON.stringify({
    kid: fresh.kid.toString('base64url'),
    seed: fresh.seed.toString('base64url'),
    since: now,
  });
  const file = await open(`${path}.${process.pid}`, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.${process.pid}`, path);
  return fresh;
}

async function readKey(path: string) {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw error;
  }
  const { kid, seed, since } = keyFile.parse(JSON.parse(text));
  return { kid: Buffer.from(kid, 'base64url'), seed: Buffer.from(seed, 'base64url'), since };
}
