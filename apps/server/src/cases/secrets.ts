import {
  type Argon2Parameters,
  argon2,
  createHash,
  randomBytes,
  randomInt,
  timingSafeEqual,
} from 'node:crypto';
import { promisify } from 'node:util';

/** Crockford's base 32: no letter is taken for a digit. */
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** OWASP's second choice for Argon2id: 19 MiB, two passes, one lane. About 30 ms of one processor. */
const cost = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const tagLength = 32;

const run = promisify(argon2) as (algorithm: 'argon2id', parameters: Argon2Parameters) => Promise<Buffer>;

function grouped(count: number, size: number): string {
  const drawn = Array.from(randomBytes(count), (byte) => letters[byte % 32] ?? '').join('');
  return drawn.match(new RegExp(`.{${size}}`, 'g'))?.join('-') ?? drawn;
}

/** What names a request to whoever made it: 50 bits, so that nobody finds one by trying. */
export const drawNumber = (): string => grouped(10, 5);

/** Six digits. What a person can keep in mind; trying is limited. */
export const drawPin = (): string => String(randomInt(1_000_000)).padStart(6, '0');

/** 100 bits, to print and put away: opens the request when the PIN is forgotten. */
export const drawRecoveryCode = (): string => grouped(20, 5);

/** As it was drawn, however it was typed: case, spaces, dashes, and the letters that look like digits. */
export function asDrawn(typed: string): string {
  const plain = typed
    .toUpperCase()
    .replaceAll(/[^0-9A-Z]/g, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1');
  return plain.match(/.{1,5}/g)?.join('-') ?? '';
}

/** Argon2id in PHC form. */
export async function hashSecret(secret: string): Promise<string> {
  const nonce = randomBytes(16);
  const tag = await run('argon2id', { message: secret, nonce, tagLength, ...cost });
  const { memory, passes, parallelism } = cost;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${nonce.toString('base64url')}$${tag.toString('base64url')}`;
}

const shape = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w-]+)\$([\w-]+)$/;

/** Whether this secret is the one; takes as long when it is not. */
export async function isSecret(secret: string, stored: string): Promise<boolean> {
  const [, memory, passes, parallelism, nonce, tag] = shape.exec(stored) ?? [];
  if (nonce === undefined || tag === undefined) return false;
  const expected = Buffer.from(tag, 'base64url');
  const found = await run('argon2id', {
    message: secret,
    nonce: Buffer.from(nonce, 'base64url'),
    tagLength: expected.length,
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
  });
  return timingSafeEqual(found, expected);
}

/** For codes that nobody can guess. */
export const hashCode = (code: string): string => createHash('sha256').update(code).digest('hex');
