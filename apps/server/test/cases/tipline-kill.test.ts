import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Proving, proving } from '../media/proving.ts';
import { handIn } from '../media/studio.ts';
import type { Member } from '../people.ts';
import { type MortalServer, mortalServer } from '../process.ts';
import { type FreshDatabase, freshDatabase } from '../support.ts';
import { give, staffAt } from './staff.ts';
import { type Moment, Tipline } from './tipline.ts';

/**
 * The calls of a filing of two pictures that stand for all: the number tells which of its kind, and the second picture has a first one
 * behind it. A call that came and was not done is to us the same as one whose answer was lost.
 */
const calls = [
  ['/submit', 1],
  ['/upload', 2],
  ['/fileinfo', 2],
  ['/finish', 1],
] as const;
const moments: readonly Moment[] = ['done', 'answered'];

const tipline = new Tipline();
let database: FreshDatabase;
let server: MortalServer;
let talk: Proving;
let lead: Member;

beforeAll(async () => {
  database = await freshDatabase();
  server = await mortalServer({
    ACCORD_DATABASE_URL: database.url,
    ACCORD_CYBERTIP_URL: await tipline.start(),
    ACCORD_CYBERTIP_AUTH: 'esp:word',
  });
  talk = await proving(server);
  lead = await staffAt(server, database.db, 'child_safety');
});
afterAll(async () => {
  await server?.remove();
  await database?.close();
  tipline.stop();
});

/** A case with two pictures that a member proved to have been sent. */
async function twoPictures(): Promise<{ caseId: string; pictures: Uint8Array[] }> {
  const seen = [await talk.seen(), await talk.seen()];
  await talk.close();
  const reportId = randomUUID();
  const [, blaise] = talk.pair.members;
  const messages = seen.map(({ message }) => message);
  await handIn(blaise, { reason: 'minor', words: 'A child.', messages }, reportId);
  const made = database.db.selectFrom('case_reporter').select('case_id').where('idem', '=', reportId);
  await expect.poll(async () => (await made.execute()).length, { timeout: 20_000 }).toBe(1);
  const { case_id: caseId } = await made.executeTakeFirstOrThrow();
  return { caseId, pictures: seen.map(({ one }) => one.picture) };
}

/** Kills the server at one moment of the nth call of this path; resolves when it is gone. */
function killedAt(path: string, nth: number, moment: Moment): Promise<void> {
  let left = nth;
  return new Promise((gone) => {
    tipline.watch = async (called, now) => {
      if (called !== path || now !== moment) return false;
      left -= 1;
      if (left > 0) return false;
      tipline.watch = undefined;
      await server.kill();
      gone();
      return true;
    };
  });
}

/** Starts it again, and does what the one that was killed had taken: that lease is not waited for here. */
async function goOn(caseId: string): Promise<void> {
  await server.start();
  await database.pool.query('update case_work set next_at = now()');
  await give(lead, caseId, { kind: 'message', to: 'note', words: 'It goes on.' });
}

it(`files one report with each picture once, killed at ${calls.length * moments.length} moments of a filing and twice within one`, async () => {
  const { caseId, pictures } = await twoPictures();
  const receipts = async () =>
    (
      await database.db
        .selectFrom('child_safety_report')
        .select('receipt_id')
        .where('receipt_id', 'is not', null)
        .execute()
    ).map(({ receipt_id: id }) => id);
  const names = (images: Iterable<Uint8Array>) =>
    [...images].map((bytes) => createHash('sha256').update(bytes).digest('hex')).sort();
  let filed = 0;
  let extra = 0;
  const fileKilled = async (...kills: (readonly [path: string, nth: number, moment: Moment])[]) => {
    const where = kills.map((kill) => kill.join(' ')).join(', ');
    for (const [at, kill] of kills.entries()) {
      const gone = killedAt(...kill);
      const file = { kind: 'file_child_safety', incident: 'Child Pornography', words: where } as const;
      // Whether the answer still came is the kill's to say; what was decided stands.
      await Promise.all([
        gone,
        at === 0 ? give(lead, caseId, file).catch(cutOff) : goOn(caseId).catch(cutOff),
      ]);
    }
    await goOn(caseId);
    filed += 1;
    await expect.poll(async () => (await receipts()).length, { timeout: 20_000, message: where }).toBe(filed);
    const finished = tipline.finished();
    expect(finished, where).toHaveLength(filed);
    const files = [...(finished.at(-1)?.files.values() ?? [])];
    expect(names(files.map(({ bytes }) => bytes)), where).toEqual(names(pictures));
    expect(
      files.map(({ infos }) => infos.length),
      where,
    ).toEqual([1, 1]);
    extra += kills.length;
  };
  for (const [path, nth] of calls) for (const moment of moments) await fileKilled([path, nth, moment]);
  await fileKilled(['/upload', 2, 'done'], ['/retract', 1, 'done']);
  expect(new Set(await receipts()).size).toBe(filed);
  expect((await database.db.selectFrom('case_work').select('id').execute()).length).toBe(0);
  const left = [...tipline.tips.values()].filter(({ state }) => state === 'open');
  console.log(
    `killed ${extra} times in ${filed} filings: ${filed} reports finished, ${left.length} opened and left unfinished, ${tipline.tips.size - filed - left.length} taken back`,
  );
}, 300_000);

/** The connection went with the server; a refusal would be a finding. */
function cutOff(error: unknown): void {
  if (!(error instanceof TypeError)) throw error;
}
