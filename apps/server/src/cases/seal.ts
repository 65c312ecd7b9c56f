import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import type { CaseEvent } from '@accord/case-model';
import type { Database } from '../platform/database.ts';
import { canonical } from './canonical.ts';

/** What is signed: this label, then the SHA-256 of the entry. */
const entryLabel = Buffer.from('accord/evidence/1');

const manifestLabel = Buffer.from('accord/evidence-manifest/1');

/** The key that signs evidence. The public part is 32 bytes. */
export interface EvidenceKey {
  readonly kid: string;
  readonly publicKey: Buffer;
  /** Ed25519 over a label, which says what is signed, and a SHA-256. */
  sign(label: Buffer, hash: Buffer): Buffer;
}

/** One entry of a case's chain as it is stored. */
export interface Sealed {
  readonly entry: string;
  readonly hash: Buffer;
  readonly signature: Buffer;
  readonly kid: string;
}

/** The hash before the first entry. */
export const noHash: Buffer = Buffer.alloc(32);

/** Canonical text of one event, which names its case, its place and the hash before it; its hash; our word for it. */
export function seal(
  key: EvidenceKey,
  place: { readonly caseId: string; readonly seq: number; readonly before: Buffer },
  event: CaseEvent,
): Sealed {
  const entry = canonical({
    case: place.caseId,
    seq: place.seq,
    before: place.before.toString('hex'),
    ...event,
  });
  const hash = createHash('sha256').update(entry).digest();
  return { entry, hash, signature: key.sign(entryLabel, hash), kid: key.kid };
}

/** Our word for the text of a manifest. */
export const signManifest = (key: EvidenceKey, manifest: string): Buffer =>
  key.sign(manifestLabel, createHash('sha256').update(manifest).digest());

const keyOf = (kid: string, privateKey: KeyObject, publicKey: Buffer): EvidenceKey => ({
  kid,
  publicKey,
  sign: (label, hash) => sign(null, Buffer.concat([label, hash]), privateKey),
});

/** The last 32 bytes of an Ed25519 SubjectPublicKeyInfo are the key (RFC 8410). */
const rawLength = 32;

/** The newest key; the first one is made when it is first needed. */
export async function evidenceKey(db: Database, now: number): Promise<EvidenceKey> {
  const newest = () =>
    db.selectFrom('evidence_key').selectAll().orderBy('created_at', 'desc').orderBy('kid').executeTakeFirst();
  let found = await newest();
  if (found === undefined) {
    const pair = generateKeyPairSync('ed25519');
    const publicKey = pair.publicKey.export({ type: 'spki', format: 'der' }).subarray(-rawLength);
    const kid = randomBytes(8).toString('hex');
    await db
      .insertInto('evidence_key')
      .values({
        kid,
        private_key: pair.privateKey.export({ type: 'pkcs8', format: 'der' }),
        public_key: publicKey,
        created_at: new Date(now),
      })
      .execute();
    // Of two processes that start at once both take the same one of the two.
    found = await newest();
  }
  if (found === undefined) throw new Error('no key to sign evidence with');
  const privateKey = createPrivateKey({ key: found.private_key, format: 'der', type: 'pkcs8' });
  return keyOf(found.kid, privateKey, found.public_key);
}
