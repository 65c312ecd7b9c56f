import { inspectKeyPackage, type KeyPackageFacts } from '@accord/group-crypto/server';
import { limits } from '@accord/protocol';
import { sql } from 'kysely';
import type { Queries } from '../platform/database.ts';
import type { DeviceCaller, Handlers } from '../platform/http.ts';
import { createLimiter } from '../platform/limiter.ts';
import { openConversationOf } from './conversations.ts';
import type { Parts } from './parts.ts';
import { badMaterial, fromBase64, isGenuine, type Roster, readingMaterial, readRoster } from './roster.ts';

type Route = 'delivery.keyPackages.count' | 'delivery.keyPackages.publish' | 'delivery.keyPackages.claim';

/** Verified at once: enough to keep the machine's cores busy, too few to keep others waiting. */
const verifiedAtOnce = 8;
/** A package that is handed out must outlive the way to its group. */
const usableMs = 3_600_000;

interface Verified {
  readonly facts: KeyPackageFacts;
  readonly bytes: Buffer;
}

async function verify(
  packages: readonly string[],
  now: number,
  mine: (facts: KeyPackageFacts) => boolean,
): Promise<Verified[]> {
  const verified: Verified[] = [];
  for (let i = 0; i < packages.length; i += verifiedAtOnce) {
    const some = packages.slice(i, i + verifiedAtOnce).map(fromBase64);
    const facts = await readingMaterial(() =>
      Promise.all(some.map((bytes) => inspectKeyPackage(bytes, now))),
    );
    for (const [place, each] of facts.entries()) {
      if (!mine(each)) throw badMaterial();
      verified.push({ facts: each, bytes: some[place] as Buffer });
    }
  }
  return verified;
}

async function stockOf(queries: Queries, deviceId: string, now: number) {
  const rows = await queries
    .selectFrom('key_package')
    .select(['last_resort', (count) => count.fn.countAll<string>().as('packages')])
    .where('device_id', '=', deviceId)
    .where('expires_at', '>', new Date(now))
    .groupBy('last_resort')
    .execute();
  return {
    oneTime: Number(rows.find((row) => !row.last_resort)?.packages ?? 0),
    lastResort: rows.some((row) => row.last_resort),
  };
}

async function store(queries: Queries, deviceId: string, all: readonly Verified[]): Promise<void> {
  if (all.some(({ facts }) => facts.lastResort)) {
    await queries
      .deleteFrom('key_package')
      .where('device_id', '=', deviceId)
      .where('last_resort', '=', true)
      .execute();
  }
  await queries
    .insertInto('key_package')
    .values(
      all.map(({ facts, bytes }) => ({
        ref: Buffer.from(facts.ref),
        device_id: deviceId,
        last_resort: facts.lastResort,
        bytes,
        expires_at: new Date(facts.expiresAt),
      })),
    )
    .onConflict((conflict) => conflict.column('ref').doNothing())
    .execute();
  // A full stock gives up those that end soonest.
  await sql`
    delete from key_package where ref in (
      select ref from key_package where device_id = ${deviceId} and not last_resort
      order by expires_at desc, ref offset ${limits.keyPackages})`.execute(queries);
}

/** One package of a device: a one-time one for nobody else, else its last resort. */
async function take(queries: Queries, deviceId: string, now: number): Promise<Buffer | undefined> {
  const until = new Date(now + usableMs);
  const { rows } = await sql<{ bytes: Buffer }>`
    delete from key_package where ref = (
      select ref from key_package where device_id = ${deviceId} and not last_resort and expires_at > ${until}
      order by expires_at, ref limit 1 for update skip locked)
    returning bytes`.execute(queries);
  if (rows[0] !== undefined) return rows[0].bytes;
  const last = await queries
    .selectFrom('key_package')
    .select('bytes')
    .where('device_id', '=', deviceId)
    .where('last_resort', '=', true)
    .where('expires_at', '>', until)
    .executeTakeFirst();
  return last?.bytes;
}

/** Whether a package is the caller's own device's, by the keys that its account registered. */
const ownedBy =
  (caller: DeviceCaller, roster: Roster, lastResort: boolean) =>
  (facts: KeyPackageFacts): boolean =>
    facts.deviceId === caller.deviceId &&
    facts.accountId === caller.accountId &&
    facts.lastResort === lastResort &&
    isGenuine(facts, roster);

export function keyPackageHandlers(parts: Parts): Handlers<Route> {
  const { db, clock, config } = parts.platform;
  const claims = createLimiter({ burst: 30, perMinute: 2 }, { enabled: config.rateLimits, clock });
  return {
    async 'delivery.keyPackages.count'({ caller }) {
      return stockOf(db, caller.deviceId, clock());
    },
    async 'delivery.keyPackages.publish'({ caller, body }) {
      const now = clock();
      const roster = await readRoster(parts, db, [caller.accountId]);
      const oneTime = await verify(body.oneTime, now, ownedBy(caller, roster, false));
      const last = body.lastResort === undefined ? [] : [body.lastResort];
      const lastResort = await verify(last, now, ownedBy(caller, roster, true));
      const all = [...oneTime, ...lastResort];
      if (all.length > 0) await db.transaction().execute((tx) => store(tx, caller.deviceId, all));
      return stockOf(db, caller.deviceId, now);
    },
    async 'delivery.keyPackages.claim'({ caller, params }) {
      const { otherId, group } = await openConversationOf(db, caller, params.conversationId);
      claims.take(caller.deviceId);
      const devices = await parts.accounts.devicesOf([caller.accountId, otherId]);
      const wanted = devices.filter(
        ({ id }) => id !== caller.deviceId && group?.members.includes(id) !== true,
      );
      const packages: { deviceId: string; keyPackage: string }[] = [];
      for (const { id } of wanted) {
        const bytes = await take(db, id, clock());
        if (bytes !== undefined) packages.push({ deviceId: id, keyPackage: bytes.toString('base64url') });
      }
      return { packages };
    },
  };
}
