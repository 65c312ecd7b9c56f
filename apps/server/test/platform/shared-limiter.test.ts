import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Platform } from '../../src/platform/platform.ts';
import { allowancePurge, createSharedLimiter } from '../../src/platform/shared-limiter.ts';
import { type FreshDatabase, freshDatabase } from '../support.ts';

let database: FreshDatabase;
let now = Date.UTC(2026, 10, 28);
const limitKey = randomBytes(32);
/** As another process has it, or the same after its end. */
const another = (name = 'try', key: Uint8Array = limitKey) =>
  createSharedLimiter(
    name,
    { burst: 5, perMinute: 1 },
    { db: database.db, clock: () => now, config: { rateLimits: true } as Platform['config'], limitKey: key },
  );

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

describe('a limit that processes share', () => {
  it('lets as many through as one would, however many ask at once and wherever', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => another().mayTake('ada')));
    expect(all.filter((taken) => taken)).toHaveLength(5);
    await expect(another().take('ada')).rejects.toMatchObject({ code: 'slow_down', retryAfter: 60 });
    expect(await another().mayTake('ada')).toBe(false);
    await another().take('blaise');
    await another('another').take('ada');
    now += 59_999;
    expect(await another().mayTake('ada')).toBe(false);
    now += 1;
    expect(await another().mayTake('ada')).toBe(true);
    expect(await another().mayTake('ada')).toBe(false);
    now -= 600_000;
    expect(await another().mayTake('ada')).toBe(false);
  });

  it('counts a household as one, keeps nobody’s name, and forgets a bucket that is full', async () => {
    now += 3_600_000;
    for (let n = 0; n < 5; n += 1) await another().takeAddress(`2001:db8:1:2::${n}`);
    expect(await another().mayTakeAddress('2001:db8:1:2:ffff::1')).toBe(false);
    expect(await another('try', randomBytes(32)).mayTakeAddress('2001:db8:1:2::1')).toBe(true);
    const { db } = database;
    await allowancePurge(db).run(now);
    expect(await db.selectFrom('allowance').selectAll().execute()).toHaveLength(2);
    await allowancePurge(db).run(now + 5 * 60_000);
    expect(await db.selectFrom('allowance').selectAll().execute()).toEqual([]);
  });
});
