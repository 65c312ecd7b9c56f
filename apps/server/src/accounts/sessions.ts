import { createHash, randomBytes } from 'node:crypto';
import { sessionCookie } from '@accord/protocol';
import type { FastifyReply } from 'fastify';
import type { Tx } from '../platform/database.ts';
import type { Caller } from '../platform/http.ts';
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
  caller(token: string | undefined): Promise<Caller | null>;
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
    caller: (token) => findCaller(platform, token),
    setCookie(reply, token) {
      reply.setCookie(sessionCookie, token, { ...attributes, maxAge: sessionMs / 1000 });
    },
    clearCookie(reply) {
      reply.clearCookie(sessionCookie, attributes);
    },
  };
}

async function findCaller(platform: Platform, token: string | undefined): Promise<Caller | null> {
  if (token === undefined || !/^[A-Za-z0-9_-]{43}$/.test(token)) return null;
  const now = platform.clock();
  const tokenHash = hashOf(token);
  const found = await platform.db
    .selectFrom('session')
    .leftJoin('device', 'device.id', 'session.device_id')
    .select(['session.account_id', 'session.device_id', 'session.checked_at', 'session.expires_at'])
    .select('device.last_seen_at')
    .where('session.token_hash', '=', tokenHash)
    .where('session.expires_at', '>', new Date(now))
    .where('device.removed_at', 'is', null)
    .executeTakeFirst();
  if (found === undefined) return null;
  const caller = {
    accountId: found.account_id,
    deviceId: found.device_id,
    tokenHash,
    checkedAt: found.checked_at.getTime(),
  };
  if (found.expires_at.getTime() < now + sessionMs - prolongAfterMs) await prolong(platform, tokenHash, now);
  if (now - (found.last_seen_at?.getTime() ?? 0) > lastSeenStepMs) await seen(platform, caller, now);
  return caller;
}

async function prolong({ db }: Platform, tokenHash: Buffer, now: number): Promise<void> {
  await db
    .updateTable('session')
    .set({ expires_at: new Date(now + sessionMs) })
    .where('token_hash', '=', tokenHash)
    .execute();
}

async function seen({ db }: Platform, { deviceId }: Caller, now: number): Promise<void> {
  if (deviceId === null) return;
  await db
    .updateTable('device')
    .set({ last_seen_at: new Date(now) })
    .where('id', '=', deviceId)
    .execute();
}
