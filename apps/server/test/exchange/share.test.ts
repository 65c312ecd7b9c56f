import { recordedHashes } from '@accord/hash-exchange/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { file, give, newStaff, remove } from '../cases/staff.ts';
import { someHash } from '../matching/pictures.ts';
import { base64url, type Member } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';
import { World } from './world.ts';

let world: World;
let server: TestServer;
let mod: Member;
let second: Member;
let safety: Member;
let now = Date.UTC(2026, 10, 28);
const hour = 3_600_000;

beforeAll(async () => {
  world = await new World().start();
  server = await startServer({ clock: () => now, env: world.env });
  for (const spec of Object.values(world.specs)) await server.running.features.exchange.create(spec);
  // Fetched when a test says so.
  await server.platform.db
    .updateTable('exchange')
    .set({ next_at: new Date(8e15) })
    .execute();
  [mod, second, safety] = [
    await newStaff(server, 'moderator'),
    await newStaff(server, 'second_reviewer'),
    await newStaff(server, 'child_safety'),
  ];
});
afterAll(async () => {
  await server.close();
  await world.stop();
});
beforeEach(() => {
  for (const peer of world.peers) peer.heard.length = 0;
});

const told = async () => {
  now += hour;
  // Nobody fetches meanwhile.
  await server.platform.db
    .updateTable('exchange')
    .set({ next_at: new Date(8e15) })
    .execute();
  await server.running.features.cases.rounds.round();
  await server.running.features.exchange.rounds.round();
  return {
    stopncii: world.stopncii.heard.map(({ path, body }) => [path, JSON.parse(body || 'null')]),
    tx: world.tx.heard.map(({ method, path, body }) => [
      method,
      path,
      Object.fromEntries(new URLSearchParams(body)),
    ]),
    ncmec: world.ncmec.heard.map(({ method, path, body }) => [method, path, body]),
  };
};
const nothing = { stopncii: [], tx: [], ncmec: [] };

interface Filed {
  readonly caseId: string;
  readonly number: string;
  readonly pin: string;
  readonly itemId: string;
  readonly hex: string;
}

async function filed(share: boolean, hash = someHash()): Promise<Filed> {
  const picture = { h: base64url(hash), q: 90, parts: '', regions: '', source: false };
  const { caseId, number, pin } = await file(server, { pictures: [picture], places: [], share });
  const { id } = await server.platform.db
    .selectFrom('case_item')
    .select('id')
    .where('case_id', '=', caseId)
    .where('kind', '=', 'hash')
    .executeTakeFirstOrThrow();
  return { caseId, number, pin: pin ?? '', itemId: id, hex: Buffer.from(hash).toString('hex') };
}

const asksToRelease = (by: Member, { caseId, itemId }: Filed) =>
  give(by, caseId, {
    kind: 'ask_approval',
    action: 'export_hash',
    words: 'They asked for it.',
    ground: null,
    itemId,
  });

async function answered(by: Member, { caseId }: Filed): Promise<void> {
  const { approvals } = await by.client.call('cases.approvals.list', {});
  const approval = approvals.find((one) => one.caseId === caseId && one.action === 'export_hash');
  await by.client.call('cases.approvals.answer', {
    params: { approvalId: approval?.id ?? '' },
    body: { yes: true },
  });
}

async function released(one: Filed, by = [mod, second] as const): Promise<void> {
  await asksToRelease(by[0], one);
  await answered(by[1], one);
}

describe('a picture of a case', () => {
  it('is told to peers when the person ticked it, two people let it out, and the removal stands; and taken back', async () => {
    const one = await filed(true);
    await asksToRelease(mod, one);
    expect(await told()).toEqual(nothing);
    await answered(second, one);
    expect(await told()).toEqual(nothing);
    await give(mod, one.caseId, remove);
    const { stopncii, tx, ncmec } = await told();
    expect(stopncii).toEqual([
      [
        '/v1/SubmitHashes',
        {
          count: 1,
          hashRecords: [
            {
              lastModtimestamp: now / 1000,
              signalType: 'ImagePDQ',
              hashValue: one.hex,
              CSPFeedbacks: [{ feedbackValue: 'Blocked', tags: [] }],
            },
          ],
        },
      ],
    ]);
    expect(tx).toMatchObject([
      [
        'POST',
        '/v21.0/threat_descriptors',
        {
          indicator: one.hex,
          type: 'HASH_PDQ',
          status: 'MALICIOUS',
          share_level: 'AMBER',
          privacy_type: 'HAS_PRIVACY_GROUP',
          privacy_members: '77',
        },
      ],
    ]);
    // Of adults NCMEC is told nothing.
    expect(ncmec).toEqual([]);
    for (const peer of world.peers) peer.heard.length = 0;
    expect(await told()).toEqual(nothing);
    expect(world.tx.descriptors.size).toBe(1);

    // Whoever asked takes it back: nobody's approval is needed, and every peer is told.
    const { desk } = server.running.features.cases;
    const token = await desk.open(one.number, one.pin, '127.0.0.1');
    await desk.withdraw(token);
    const back = await told();
    expect(back.stopncii).toEqual([
      [
        '/v1/SubmitFeedback',
        { count: 1, hashFeedbacks: [{ hashValue: one.hex, feedbackValue: 'Withdrawn', tags: [] }] },
      ],
    ]);
    expect(back.tx.map(([method]) => method)).toEqual(['DELETE']);
    expect(world.tx.descriptors.size).toBe(0);
    const kept = await server.platform.db.selectFrom('exchange_telling').selectAll().execute();
    expect(kept).toEqual([]);
  });

  it('that nobody ticked goes nowhere, whoever approves', async () => {
    const one = await filed(false);
    await give(mod, one.caseId, remove);
    await released(one);
    expect(await told()).toEqual(nothing);
    expect(
      (await give(mod, one.caseId, { kind: 'message', to: 'note', words: 'n' })).reporters,
    ).toMatchObject([{ said: { share: false } }]);
  });

  it('is let out by two people who differ, or not at all', async () => {
    const one = await filed(true);
    await give(mod, one.caseId, remove);
    const { openProposals } = await asksToRelease(second, one);
    const alone = second.client.call('cases.approvals.answer', {
      params: { approvalId: openProposals[0]?.id ?? '' },
      body: { yes: true },
    });
    await expect(alone).rejects.toMatchObject({ body: { code: 'same_person' } });
    expect(await told()).toEqual(nothing);
  });

  it('that is restored is taken back; one that a peer already has is agreed with, and that is undone', async () => {
    const exchange = server.running.features.exchange;
    await exchange.sync('STOPNCII');
    await exchange.sync('TX');
    const known = await filed(true, Buffer.from(recordedHashes[2], 'hex'));
    await give(mod, known.caseId, remove);
    await released(known);
    for (const peer of world.peers) peer.heard.length = 0;
    const first = await told();
    expect(first.stopncii).toMatchObject([
      ['/v1/SubmitFeedback', { hashFeedbacks: [{ hashValue: known.hex, feedbackValue: 'Blocked' }] }],
    ]);
    expect(first.tx).toEqual([['POST', '/v21.0/14', { reactions: 'HELPFUL' }]]);
    for (const peer of world.peers) peer.heard.length = 0;
    const ask = { kind: 'ask_approval', action: 'restore', words: 'w', ground: null, itemId: null } as const;
    const { openProposals } = await give(mod, known.caseId, ask);
    await second.client.call('cases.approvals.answer', {
      params: { approvalId: openProposals[0]?.id ?? '' },
      body: { yes: true },
    });
    const back = await told();
    expect(back.stopncii).toMatchObject([
      ['/v1/SubmitFeedback', { hashFeedbacks: [{ feedbackValue: 'None' }] }],
    ]);
    expect(back.tx).toEqual([['POST', '/v21.0/14', { reactions_to_remove: 'HELPFUL' }]]);
  });

  it('of a child goes to NCMEC alone, as agreement with what it has; a peer that fails is told later', async () => {
    const exchange = server.running.features.exchange;
    await exchange.sync('NCMEC');
    const one = await filed(true, Buffer.from(recordedHashes[1], 'hex'));
    await give(safety, one.caseId, { kind: 'raise_child_safety', why: 'w' });
    await give(safety, one.caseId, remove);
    const other = await newStaff(server, 'child_safety');
    await released(one, [safety, other]);
    for (const peer of world.peers) peer.heard.length = 0;
    world.ncmec.mischief.push({ kind: 'status', status: 503 });
    expect((await told()).ncmec).toHaveLength(1);
    const status = (await exchange.status()).find(({ name }) => name === 'NCMEC');
    expect(status).toMatchObject({ toTell: 1, told: 0 });
    for (const peer of world.peers) peer.heard.length = 0;
    const again = await told();
    expect(again).toMatchObject({ stopncii: [], tx: [] });
    expect(again.ncmec).toEqual([
      [
        'PUT',
        '/hashsharing/v2/entries/42/image10/PDQ/feedback',
        '<?xml version="1.0" encoding="UTF-8"?><feedbackSubmission xmlns="https://hashsharing.ncmec.org/hashsharing/v2"><affirmative/></feedbackSubmission>',
      ],
    ]);
  });

  it('is no longer told to a peer that is told nothing more: what it had is taken back', async () => {
    const one = await filed(true);
    await give(mod, one.caseId, remove);
    await released(one);
    await told();
    const { exchange } = server.running.features;
    await expect(exchange.remove('TX')).rejects.toMatchObject({ code: 'open_work' });
    await server.platform.db.updateTable('exchange').set({ tells: false }).where('name', '=', 'TX').execute();
    for (const peer of world.peers) peer.heard.length = 0;
    const { tx, stopncii } = await told();
    expect([tx.map(([method]) => method), stopncii]).toEqual([['DELETE'], []]);
    await exchange.remove('TX');
  });
});
