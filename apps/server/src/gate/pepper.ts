import { createECDH, createHash, createHmac, type ECDH, randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError } from '../platform/config.ts';
import type { ProofRequest, Purpose, Way } from './types.ts';

/** Name of the pepper within the data folder. In no backup: with a backup it would name who showed which proof. */
const pepperName = 'age-pepper';

const pepperBytes = 32;

/** Where the pepper is. */
export const pepperPath = (folder: string): string => join(folder, pepperName);

/**
 * The secret under which spent proofs are marked and requests have their secrets; made at the first start.
 * @throws {ConfigError} when others can read it, or it is not one
 */
export function openPepper(folder: string): Buffer {
  const path = pepperPath(folder);
  const found = readPepper(path);
  if (found !== undefined) return found;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  makeWhole(path, randomBytes(pepperBytes));
  return openPepper(folder);
}

/** A file that is there whole or not at all, whenever we are cut off; one that is there already stays. */
function makeWhole(path: string, bytes: Buffer): void {
  const beside = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    flushed(openSync(beside, 'wx', 0o600), (file) => writeSync(file, bytes));
    linkSync(beside, path);
  } catch (error) {
    // Another process of ours was first.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(beside, { force: true });
  }
  flushed(openSync(dirname(path), 'r'), () => {});
}

function flushed(file: number, write: (file: number) => void): void {
  try {
    write(file);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** @throws {ConfigError} */
export function readPepper(path: string): Buffer | undefined {
  try {
    const open = statSync(path).mode & 0o077;
    if (open !== 0) {
      throw new ConfigError(`${path} can be read by others: chmod 600 ${path}, and keep it out of backups.`);
    }
    const pepper = readFileSync(path);
    if (pepper.length === pepperBytes) return pepper;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  throw new ConfigError(
    `${path} does not hold 32 bytes: bring back the file that was there. Without it, proofs that were shown can be shown once more.`,
  );
}

/**
 * A request's secrets: of its salt, which is deleted with it, under the pepper, which is not in the database. So
 * neither holds a nonce, a code or a key, and any process of ours can finish what another began.
 */
export function proofRequest(
  pepper: Uint8Array,
  row: { readonly id: string; readonly way: Way; readonly salt: Uint8Array },
): ProofRequest {
  return {
    proofId: row.id,
    way: row.way,
    secret: (purpose: Purpose) =>
      createHmac('sha256', pepper).update(`accord/gate/${purpose}/${row.id}/`).update(row.salt).digest(),
  };
}

/** The request's key pair for sealed answers: ECDH P-256, extractable as `org-iso-mdoc` needs its public half. */
export async function recipientOf(request: ProofRequest): Promise<CryptoKeyPair> {
  const ecdh = createECDH('prime256v1');
  const scalar = setScalar(ecdh, request.secret('key'));
  const point = ecdh.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'));
  const jwk = { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' };
  const d = scalar.toString('base64url');
  const algorithm = { name: 'ECDH', namedCurve: 'P-256' };
  return {
    publicKey: await crypto.subtle.importKey('jwk', jwk, algorithm, true, []),
    privateKey: await crypto.subtle.importKey('jwk', { ...jwk, d }, algorithm, false, ['deriveBits']),
  };
}

/** One value in 2^32 is no scalar of the curve: then its hash is asked. */
function setScalar(ecdh: ECDH, bytes: Buffer): Buffer {
  try {
    ecdh.setPrivateKey(bytes);
    return bytes;
  } catch {
    return setScalar(ecdh, createHash('sha256').update(bytes).digest());
  }
}
