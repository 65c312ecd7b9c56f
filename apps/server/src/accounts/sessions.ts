import { createHash, randomBytes } from 'node:crypto';
import { sessionCookie } from '@accord/protocol';
import type { FastifyReply } from 'fastify';
import { sql } from 'kysely';
import type { Tx } from '../platform/database.ts';
import type { Caller, Guard } from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';

const dayMs = 86_400_000;
/** Milliseconds that a session lives after it was last used. */
const sessionMs = 30 * dayMs;
/** A session is prolonged at most once in this time, a device's last sign of life kept at most as exactly. */
const prolongAfterMs = dayMs;
const lastSeenStepMs = 3_600_000;

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

interface NewSession {
  readonly accountId: string;
  readonly deviceId: string | null;
  readonly credentialId: string;
}

/** A session that was just opened. Of the token only the SHA-256 is kept. */
interface OpenedSession {
  readonly token: string;
  readonly caller: Caller;
}

export interface Sessions {
  /** Opens a session by the passkey that was just shown. */
  open(tx: Tx, session: NewSession): Promise<OpenedSession>;
  caller: Guard['caller'];
  callers: Guard['callers'];
  setCookie(reply: FastifyReply, token: string): void;
  clearCookie(reply: FastifyReply): void;
}

export function createSessions(platform: Platform): Sessions {
  const { config, clock } = platform;
  const attributes = {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: config.publicUrl.protocol === 'https:',
  } as const;
  return {
    async open(tx, session) {
      const token = randomBytes(32).toString('base64url');
      const now = clock();
      const tokenHash = hashOf(token);
      await tx
        .insertInto('session')
        .values({
          token_hash: tokenHash,
          account_id: session.accountId,
          device_id: session.deviceId,
          credential_id: session.credentialId,
          created_at: new Date(now),
          checked_at: new Date(now),
          expires_at: new Date(now + sessionMs),
        })
        .execute();
      const { accountId, deviceId } = session;
      return { token, caller: { accountId, deviceId, tokenHash, checkedAt: now } };
    },
    caller: async (token) => (await findCallers(platform, token === undefined ? [] : [token]))[0] ?? null,
    callers: (tokens) => findCallers(platform, tokens),
    setCookie(reply, token) {
      reply.setCookie(sessionCookie, token, { ...attributes, maxAge: sessionMs / 1000 });
    },
    clearCookie(reply) {
      reply.clearCookie(sessionCookie, attributes);
    },
  };
}

const isToken = (token: string | undefined): token is string =>
  token !== undefined && /^[A-Za-z0-9_-]{43}$/.test(token);

/** Who holds each of these tokens, by place; sessions are prolonged and devices kept as seen in passing. */
async function findCallers(platform: Platform, tokens: readonly string[]): Promise<(Caller | null)[]> {
  const hashes = tokens.map((token) => (isToken(token) ? hashOf(token) : null));
  const asked = hashes.filter((hash) => hash !== null);
  if (asked.length === 0) return hashes.map(() => null);
  const now = platform.clock();
  const found = await platform.db
    .selectFrom('session')
    .leftJoin('device', 'device.id', 'session.device_id')
    .select([
      'session.token_hash',
      'session.account_id',
      'session.device_id',
      'session.checked_at',
      'session.expires_at',
      'device.last_seen_at',
    ])
    .where('session.token_hash', '=', sql<Buffer>`any(${asked}::bytea[])`)
    .where('session.expires_at', '>', new Date(now))
    .where('device.removed_at', 'is', null)
    .execute();
  const ending = found.filter((row) => row.expires_at.getTime() < now + sessionMs - prolongAfterMs);
  const unseen = found.filter((row) => now - (row.last_seen_at?.getTime() ?? 0) > lastSeenStepMs);
  await prolong(
    platform,
    ending.map((row) => row.token_hash),
    now,
  );
  await seen(
    platform,
    unseen.flatMap((row) => row.device_id ?? []),
    now,
  );
  const byHash = new Map(found.map((row) => [row.token_hash.toString('latin1'), row]));
  return hashes.map((tokenHash) => {
    const row = tokenHash === null ? undefined : byHash.get(tokenHash.toString('latin1'));
    if (tokenHash === null || row === undefined) return null;
    const { account_id: accountId, device_id: deviceId, checked_at } = row;
    return { accountId, deviceId, tokenHash, checkedAt: checked_at.getTime() };
  });
}

async function prolong({ db }: Platform, tokenHashes: readonly Buffer[], now: number): Promise<void> {
  if (tokenHashes.length === 0) return;
  await db
    .updateTable('session')
    .set({ expires_at: new Date(now + sessionMs) })
    .where('token_hash', 'in', tokenHashes)
    .execute();
}

async function seen({ db }: Platform, deviceIds: readonly string[], now: number): Promise<void> {
  if (deviceIds.length === 0) return;
  await db
    .updateTable('device')
    .set({ last_seen_at: new Date(now) })
    .where('id', 'in', deviceIds)
    .execute();
}
