import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf } from '../client.ts';
import { near } from '../matching/pictures.ts';
import { accept, friends, policy, sealed, upload, view } from '../media/studio.ts';
import { base64url, type Member, random } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';
import { file, give, newStaff, remove } from './staff.ts';

let server: TestServer;
let sender: Member;
let receiver: Member;
let mod: Member;
let other: Member;

beforeAll(async () => {
  server = await startServer();
  [sender, receiver] = await friends(server);
  [mod, other] = [await newStaff(server, 'moderator'), await newStaff(server, 'moderator')];
});
afterAll(() => server.close());

/** A picture with this PDQ that the receiver accepted. */
async function shared(hash: Uint8Array) {
  const one = await sealed();
  await upload(sender.client, one, undefined, hash);
  await sender.client.call('media.pictures.create', { body: policy(one, [receiver]) });
  await accept(receiver, one);
  return one;
}

const asked = (hash: Uint8Array) => [{ h: base64url(hash), q: 90, parts: '', regions: '', source: false }];

describe('a request', () => {
  it('is in the claimed bank when it is answered, and out of it when it is declined', async () => {
    const hash = random(32);
    const { caseId } = await file(server, {
      pictures: asked(hash),
      signature: '',
      contact: '',
      goodFaith: false,
      capacity: null,
    });
    const banks = async () =>
      (await server.running.features.matching.banks.lookup(hash)).flatMap(({ standing, banks: names }) =>
        standing === 'positive' ? names : [],
      );
    expect(await banks()).toEqual(['CLAIMED']);
    await give(mod, caseId, { kind: 'decline', ground: 'not_intimate', words: 'w' });
    expect(await banks()).toEqual([]);
  });
});

describe('a removal', () => {
  it('makes a recompressed copy dark and no other picture, tells the sender why, and hears their objection from somebody else', async () => {
    const hash = random(32);
    const copy = await shared(near(hash, 20));
    const apart = await shared(random(32));
    for (const one of [copy, apart]) await view(receiver.client, one);

    const { caseId } = await file(server, { pictures: asked(hash) });
    const removed = await give(mod, caseId, remove);
    expect(removed.sweeps).toMatchObject([
      { coverage: { matched: 1, destroyed: 1, unreached: 0, complete: true } },
    ]);
    expect(await codeOf(view(receiver.client, copy))).toBe('not_found');
    await view(receiver.client, apart);
    const banks = await server.running.features.matching.banks.lookup(hash);
    expect(banks.flatMap(({ banks: names }) => names)).toContain('DESK');

    const { decisions } = await sender.client.call('cases.mine.list', { query: { language: 'en' } });
    expect(decisions).toMatchObject([{ pictures: 1, appeal: null, statement: { restriction: 'removed' } }]);
    expect(JSON.stringify(decisions)).not.toMatch(/example\.org|A\. B\./);
    const params = { decisionId: decisions[0]?.decisionId ?? '' };
    const body = { words: 'I am in it.' };
    expect(await codeOf(receiver.client.call('cases.mine.appeal', { params, body }))).toBe('not_found');
    await sender.client.call('cases.mine.appeal', { params, body });
    expect(await codeOf(sender.client.call('cases.mine.appeal', { params, body }))).toBe('already_done');

    const { appeals } = await mod.client.call('cases.read', { params: { caseId } });
    const judge = {
      kind: 'decide_appeal',
      appealId: appeals[0]?.id ?? '',
      outcome: 'upheld',
      ground: null,
      words: 'w',
    } as const;
    expect(await codeOf(give(mod, caseId, judge))).toBe('same_person');
    expect((await give(other, caseId, judge)).appeals).toMatchObject([{ outcome: 'upheld' }]);
    const after = await sender.client.call('cases.mine.list', { query: { language: 'fr' } });
    expect(after.decisions).toMatchObject([
      { appeal: { outcome: 'upheld', answer: 'w' }, appealUntil: null },
    ]);
    expect((await give(mod, caseId, { kind: 'close' })).closedAt).not.toBeNull();
  });

  it('that was cut off after it had destroyed tells its senders all the same', async () => {
    const hash = random(32);
    const copy = await shared(hash);
    const { caseId } = await file(server, { pictures: asked(hash) });
    const { db } = server.platform;
    // As a process leaves it that dies between the two: put down, found, destroyed, and nothing told.
    await server.running.features.media.remove([copy.blobId]);
    const told = await db
      .selectFrom('case_statement')
      .select('id')
      .where('account_id', '=', sender.id)
      .execute();
    server.running.features.cases.rounds.stop();
    await give(mod, caseId, remove);
    const { decision } = await mod.client.call('cases.read', { params: { caseId } });
    expect(decision?.kind).toBe('remove');
    const swept = await db
      .selectFrom('case_event')
      .select('entry')
      .where('case_id', '=', caseId)
      .where('type', '=', 'removed')
      .executeTakeFirstOrThrow();
    const { decisionId } = JSON.parse(swept.entry);
    await db
      .insertInto('case_work')
      .values({
        id: randomUUID(),
        case_id: caseId,
        kind: 'sweep',
        detail: JSON.stringify({
          sweepId: randomUUID(),
          ground: 'ncii_real',
          decisionId,
          blobs: [copy.blobId],
        }),
        next_at: new Date(0),
        error: null,
      })
      .execute();
    await server.running.features.cases.rounds.round();
    const { sweeps } = await mod.client.call('cases.read', { params: { caseId } });
    expect(sweeps.map(({ coverage }) => coverage?.destroyed).sort()).toEqual([0, 1]);
    const now = await db
      .selectFrom('case_statement')
      .select('id')
      .where('account_id', '=', sender.id)
      .execute();
    expect(now).toHaveLength(told.length + 1);
  });
});
