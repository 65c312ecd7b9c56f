import { checkAttestation, type MatchingAnswer } from '@accord/sealed-media';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Matching } from '../../src/matching/index.ts';
import { Client, codeOf } from '../client.ts';
import { base64url, random } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';
import {
  ask,
  byGrant,
  byOwner,
  concat,
  near,
  newGrant,
  newKey,
  nothingElse,
  owned,
  someHash,
  uuidOf,
} from './pictures.ts';

let server: TestServer;
let matching: Matching;
let now = Date.now();

beforeAll(async () => {
  server = await startServer({ clock: () => now });
  matching = server.running.features.matching;
});
afterAll(() => server.close());

const call = (body: Parameters<typeof ask>[1]) => ask(server.url, body);
const outcome = async (body: Parameters<typeof ask>[1]) => (await call(body)).outcome;
const positive = { category: 'positive', at: new Date(0) } as const;
const inTx = <T>(work: Parameters<ReturnType<typeof server.platform.db.transaction>['execute']>[0]) =>
  server.platform.db.transaction().execute(work) as Promise<T>;

describe('a picture that nobody knows', () => {
  it('is attested, by a key that is served', async () => {
    const owner = await newKey();
    const h = someHash();
    const body = await byOwner(owner, h);
    const answer = await call(body);
    if (answer.outcome !== 'attested') throw new Error('refused');
    const { keys, bankEpoch } = await new Client(server.url).call('matching.keys', {});
    const known = new Map(
      keys.map(({ kid, publicKey }) => [
        Buffer.from(kid, 'base64url').toString('hex'),
        Buffer.from(publicKey, 'base64url'),
      ]),
    );
    const cm = Buffer.from(body.cm, 'base64url');
    const check = { keys: known, h, q: 90, cm, takenAt: now + 1 };
    await checkAttestation(answer.attestation, check);
    expect(answer.attestation.bankEpoch).toBe(bankEpoch);
    await expect(checkAttestation(answer.attestation, { ...check, cm: random(32) })).rejects.toThrow(
      'attestation_other_picture',
    );
  });

  it('is attested once more when the answer was lost, and belongs to whoever was first', async () => {
    const [owner, other] = [await newKey(), await newKey()];
    const body = await byOwner(owner, someHash());
    expect(await outcome(body)).toBe('attested');
    expect(await outcome(body)).toBe('attested');
    const squatting = await byOwner(other, someHash(), { blobId: body.blobId });
    expect(await outcome(squatting)).toBe('refused');
  });

  it('is attested anew while it can be opened, where its message was late, and not when it has ended', async () => {
    const [owner, other] = [await newKey(), await newKey()];
    const body = await byOwner(owner, someHash());
    const blob = uuidOf(body.blobId);
    expect(await outcome(body)).toBe('attested');
    await inTx((tx) => matching.registry.confirm(tx, blob));
    now += 20 * 60_000;
    expect(await outcome(body)).toBe('attested');
    expect(await outcome(await byOwner(other, someHash(), { blobId: body.blobId }))).toBe('refused');
    // It stands as before: no purge takes it for one that never came.
    now += 20 * 60_000;
    for (const purge of matching.purges) await purge.run(now);
    expect(await inTx((tx) => matching.registry.confirm(tx, blob))).toBe(true);
    await inTx((tx) => matching.registry.bar(tx, [blob]));
    expect(await outcome(body)).toBe('refused');
  });

  it('may be asked about with as many hashes as there can be, under a grant for many', async () => {
    const [owner, h] = [await newKey(), someHash()];
    expect(await outcome(await byOwner(owner, h))).toBe('attested');
    const many = (count: number) => concat(...Array.from({ length: count }, someHash));
    const asked = { turned: many(64), parts: many(256), wholes: many(64), regions: many(480) };
    const anchors = base64url(Uint8Array.from({ length: 30 }, (_, at) => at));
    const given = await newGrant(owner, h, now + 60_000);
    const receivers = Array.from({ length: 64 }, () => given.receivers[0] as Uint8Array);
    const body = { ...(await byGrant(given, h, receivers)), asked, kept: many(30), anchors };
    expect(await outcome(body)).toBe('attested');
    const more = { ...body, asked: { ...asked, parts: many(257) } };
    expect(await codeOf(call(more))).toBe('invalid_input');
  });

  it('is not attested for a key that its sender does not hold', async () => {
    const [owner, other] = [await newKey(), await newKey()];
    const body = await byOwner(owner, someHash());
    const by = { ...body.by, key: base64url(other.publicKey) } as typeof body.by;
    expect(await codeOf(call({ ...body, by }))).toBe('bad_key_material');
    expect(await codeOf(call({ ...body, cm: base64url(random(32)) }))).toBe('bad_key_material');
  });
});

describe('what is sent by somebody who is not its owner', () => {
  const setUp = async (more = {}) => {
    const [owner, stranger, h] = [await newKey(), await newKey(), someHash()];
    const body = await byOwner(owner, h, more);
    expect(await outcome(body)).toBe('attested');
    return { owner, stranger, h, body };
  };

  it('goes out again by its owner', async () => {
    const { owner, h } = await setUp();
    expect(await outcome(await byOwner(owner, near(h, 12)))).toBe('attested');
  });

  it.each([0, 1, 20, 31, 35])('is refused at %i bits', async (bits) => {
    const { stranger, h } = await setUp();
    expect(await outcome(await byOwner(stranger, near(h, bits)))).toBe('refused');
  });

  it('is another picture beyond', async () => {
    const { stranger, h } = await setUp();
    expect(await outcome(await byOwner(stranger, near(h, 36)))).toBe('attested');
  });

  it('is refused turned, mirrored, or inside a surround: any of what it may be a copy of', async () => {
    const { stranger, h } = await setUp();
    const asked = { ...nothingElse, turned: concat(someHash(), near(h, 25), someHash()) };
    expect(await outcome(await byOwner(stranger, someHash(), { asked }))).toBe('refused');
  });

  it('is refused as a negative, which is held against whole pictures alone', async () => {
    const crop = someHash();
    const { stranger, h } = await setUp({ kept: concat(crop) });
    const asking = (hash: Uint8Array) => ({ asked: { ...nothingElse, wholes: concat(someHash(), hash) } });
    expect(await outcome(await byOwner(stranger, someHash(), asking(near(h, 31))))).toBe('refused');
    expect(await outcome(await byOwner(stranger, someHash(), asking(near(crop, 3))))).toBe('attested');
  });

  it('is refused cropped: by a crop that the registry keeps, or by one that is asked', async () => {
    const crop = someHash();
    const { stranger, h } = await setUp({ kept: concat(crop, someHash()) });
    expect(await outcome(await byOwner(stranger, near(crop, 20)))).toBe('refused');
    const asked = { ...nothingElse, parts: concat(near(h, 30)) };
    expect(await outcome(await byOwner(stranger, someHash(), { asked }))).toBe('refused');
    const both = { ...nothingElse, parts: concat(someHash(), near(crop, 31)) };
    expect(await outcome(await byOwner(stranger, someHash(), { asked: both }))).toBe('refused');
  });

  it('is refused cropped towards a corner by what is kept of that corner, or of one that nobody said', async () => {
    const [corner, unsaid] = [someHash(), someHash()];
    const anchors = base64url(Uint8Array.of(3, 0));
    const { stranger, h } = await setUp({ kept: concat(corner, unsaid), anchors });
    const asks = async (hash: Uint8Array, against: number) => {
      const parts = concat(someHash(), near(hash, 31));
      const asked = { ...nothingElse, parts, against: base64url(Uint8Array.of(63, against)) };
      return outcome(await byOwner(stranger, someHash(), { asked }));
    };
    expect([await asks(corner, 8), await asks(unsaid, 2), await asks(h, 1)]).not.toContain('attested');
    expect([await asks(corner, 55), await asks(unsaid, 1), await asks(h, 62)]).not.toContain('refused');
    const body = await byOwner(stranger, someHash(), { asked: { ...nothingElse, against: 'AQ' } });
    expect(await codeOf(call(body))).toBe('invalid_input');
    expect(await codeOf(call({ ...body, asked: nothingElse, anchors }))).toBe('invalid_input');
  });

  it('passes unverified when it is flat, and its receiver is told by the attestation', async () => {
    const { stranger, h } = await setUp();
    const answer = await call(await byOwner(stranger, h, { q: 49 }));
    expect(answer.outcome === 'attested' && answer.attestation.q).toBe(49);
  });

  it('is refused while it can be opened, and after that as long as its owner wishes', async () => {
    const { owner, stranger, h, body } = await setUp({ afterwards: 'refuse' });
    const blob = uuidOf(body.blobId);
    expect(await inTx((tx) => matching.registry.confirm(tx, blob))).toBe(true);
    await inTx((tx) => matching.registry.ended(tx, [blob]));
    await matching.catchUp();
    expect(await outcome(await byOwner(stranger, h))).toBe('refused');
    const statement = await owned(owner, 'forget', now);
    await new Client(server.url).call('matching.ownership', { body: { wish: 'forget', ...statement } });
    expect(await outcome(await byOwner(stranger, h))).toBe('attested');
  });

  it('is nobody’s any more once a picture is forgotten with its end', async () => {
    const { stranger, h, body } = await setUp({ afterwards: 'forget' });
    const blob = uuidOf(body.blobId);
    await inTx((tx) => matching.registry.confirm(tx, blob));
    expect(await outcome(await byOwner(stranger, h))).toBe('refused');
    await inTx((tx) => matching.registry.ended(tx, [blob]));
    await matching.catchUp();
    expect(await outcome(await byOwner(stranger, h))).toBe('attested');
  });

  it('stays findable while it can be opened, whatever its owner would have forgotten', async () => {
    const { owner, stranger, h, body } = await setUp();
    await inTx((tx) => matching.registry.confirm(tx, uuidOf(body.blobId)));
    const statement = await owned(owner, 'forget', now);
    await new Client(server.url).call('matching.ownership', { body: { wish: 'forget', ...statement } });
    expect(await outcome(await byOwner(stranger, h))).toBe('refused');
    const sweep = await matching.registry.sweep([{ kind: 'whole', hash: h }]);
    expect(sweep.tags).toEqual([matching.registry.tagOf(uuidOf(body.blobId))]);
  });

  it('is refused to its owner too when the person in it took their yes back', async () => {
    const { owner, h, body } = await setUp();
    await inTx((tx) => matching.registry.bar(tx, [uuidOf(body.blobId)]));
    expect(await outcome(await byOwner(owner, h))).toBe('refused');
  });

  it('counts for nothing when its blob never came', async () => {
    const { stranger, h, body } = await setUp();
    now += 12 * 60_000;
    const late = await inTx((tx) => matching.registry.confirm(tx, uuidOf(body.blobId)));
    expect(late).toBe(false);
    for (const purge of matching.purges) await purge.run(now);
    expect(await outcome(await byOwner(stranger, h))).toBe('attested');
  });
});

describe('an owner’s word', () => {
  it('is taken from nobody else, about nothing else, and not later', async () => {
    const [owner, other] = [await newKey(), await newKey()];
    const statement = await owned(owner, 'forget', now);
    const client = new Client(server.url);
    const say = (body: object) =>
      codeOf(client.call('matching.ownership', { body: { wish: 'forget', ...statement, ...body } }));
    expect(await say({})).toBe('no refusal');
    expect(await say({ wish: 'refuse' })).toBe('bad_key_material');
    expect(await say({ ownerKey: base64url(other.publicKey) })).toBe('bad_key_material');
    expect(await say({ at: now + 1 })).toBe('bad_key_material');
    expect(await say(await owned(owner, 'forget', now - 6 * 60_000))).toBe('bad_key_material');
  });
});

describe('a grant', () => {
  const setUp = async (until = now + 3_600_000) => {
    const [owner, h] = [await newKey(), someHash()];
    expect(await outcome(await byOwner(owner, h))).toBe('attested');
    return { owner, h, given: await newGrant(owner, h, until) };
  };

  it('lets this one share this picture with these people until then', async () => {
    const { h, given } = await setUp();
    expect(await outcome(await byGrant(given, near(h, 8)))).toBe('attested');
    expect(await outcome(await byGrant(given, h, given.receivers.slice(0, 1)))).toBe('attested');
    expect(await outcome(await byGrant(given, h, [...given.receivers, random(32)]))).toBe('refused');
    expect(await outcome(await byGrant(given, someHash()))).toBe('refused');
    now += 3_600_001;
    expect(await outcome(await byGrant(given, h))).toBe('refused');
  });

  it('is worth nothing once it was taken back, to another sharer, or forged', async () => {
    const { owner, h, given } = await setUp();
    const thief = { ...given, sharer: await newKey() };
    expect(await codeOf(call(await byGrant(thief, h)))).toBe('bad_key_material');
    const forged = { ...given, grant: { ...given.grant, until: now + 10 ** 9 } };
    expect(await codeOf(call(await byGrant(forged, h)))).toBe('bad_key_material');
    const body = {
      grantId: base64url(given.id),
      until: given.grant.until,
      ...(await owned(owner, 'withdraw_grant', now, given.id)),
    };
    expect(await outcome(await byGrant(given, h))).toBe('attested');
    await new Client(server.url).call('matching.grants.withdraw', { body });
    expect(await outcome(await byGrant(given, h))).toBe('refused');
  });

  it('by one owner opens nothing of another', async () => {
    const { h } = await setUp();
    const liar = await newKey();
    expect(await outcome(await byGrant(await newGrant(liar, h, now + 3_600_000), h))).toBe('refused');
    expect(await outcome(await byGrant(await newGrant(liar, someHash(), now + 3_600_000), h))).toBe(
      'refused',
    );
  });
});

describe('a banked picture', () => {
  it('is refused near its hash, while its bank is on, and for the purpose of its bank', async () => {
    const owner = await newKey();
    const banks = await Promise.all(
      (['blocking', 'claimed', 'review', 'trusted'] as const).map(async (purpose) => {
        const name = `TEST_${purpose.toUpperCase()}`;
        await matching.banks.create({ name, purpose, source: 'test', owner: 'own' });
        const hash = someHash();
        expect(await matching.banks.addSignals(name, [{ hash, quality: 90, opinion: positive }])).toBe(1);
        return { name, hash };
      }),
    );
    const outcomes = async () =>
      Promise.all(banks.map(async ({ hash }) => outcome(await byOwner(owner, near(hash, 35)))));
    expect(await outcomes()).toEqual(['refused', 'refused', 'attested', 'attested']);
    await matching.banks.enable('TEST_BLOCKING', false);
    expect((await outcomes())[0]).toBe('attested');
    await matching.banks.enable('TEST_BLOCKING', true);
    expect((await outcomes())[0]).toBe('refused');
  });

  it('is found by two of its regions, not by one', async () => {
    const regions = [someHash(), someHash(), someHash()];
    const variants = regions.map((hash) => ({ kind: 'region' as const, hash }));
    await matching.banks.addSignals('DESK', [{ hash: someHash(), quality: 90, variants, opinion: positive }]);
    const asked = (...hashes: Uint8Array[]) => ({ asked: { ...nothingElse, regions: concat(...hashes) } });
    const owner = await newKey();
    const [one, two] = regions as [Uint8Array, Uint8Array, Uint8Array];
    const single = asked(near(one, 9), near(one, 3));
    expect(await outcome(await byOwner(owner, someHash(), single))).toBe('attested');
    const pair = asked(near(one, 9), near(two, 30));
    expect(await outcome(await byOwner(owner, someHash(), pair))).toBe('refused');
  });

  it('that many people have lifts the refusal of a re-share, not that of a bank', async () => {
    const [first, second, hash] = [await newKey(), await newKey(), someHash()];
    expect(await outcome(await byOwner(first, hash))).toBe('attested');
    expect(await outcome(await byOwner(second, hash))).toBe('refused');
    await matching.banks.addSignals('TEST_TRUSTED', [{ hash, quality: 90, opinion: positive }]);
    expect(await outcome(await byOwner(second, hash))).toBe('attested');
    await matching.banks.addSignals('DESK', [{ hash, quality: 90, opinion: positive }]);
    expect(await outcome(await byOwner(second, hash))).toBe('refused');
  });

  it('claimed for a case is refused from that moment until the case lets go', async () => {
    const [owner, kept, dropped] = [await newKey(), someHash(), someHash()];
    const signal = (hash: Uint8Array) => [{ hash, quality: 90 }];
    await matching.claims.claim('one', signal(kept));
    await matching.claims.claim('two', signal(dropped));
    await matching.claims.claim('three', signal(dropped));
    const outcomes = async () => [
      await outcome(await byOwner(owner, kept)),
      await outcome(await byOwner(owner, dropped)),
    ];
    expect(await outcomes()).toEqual(['refused', 'refused']);
    now += 1000;
    await matching.claims.release('one', 'decided');
    await matching.claims.release('two', 'dropped');
    expect(await outcomes()).toEqual(['refused', 'refused']);
    await matching.claims.release('three', 'dropped');
    expect(await outcomes()).toEqual(['refused', 'attested']);
    const [match] = await matching.banks.lookup(kept, { banks: ['DESK'] });
    expect(match?.opinions).toMatchObject([
      { bank: 'DESK', source: 'case:one', withdrawn: false, ours: true },
      { bank: 'CLAIMED', source: 'case:one', withdrawn: true },
    ]);
  });
});

describe('a refusal', () => {
  const refusals = async (): Promise<{ readonly answer: MatchingAnswer; readonly size: number }[]> => {
    const [owner, stranger, banked, registered] = [await newKey(), await newKey(), someHash(), someHash()];
    await matching.banks.addSignals('DESK', [{ hash: banked, quality: 90, opinion: positive }]);
    await call(await byOwner(owner, registered));
    const given = await newGrant(owner, registered, now - 1);
    const bodies = [
      await byOwner(stranger, banked),
      await byOwner(stranger, registered),
      await byGrant(given, registered),
      await byOwner(stranger, someHash()),
    ];
    return Promise.all(
      bodies.map(async (body) => {
        const raw = await new Client(server.url).answer('matching.attest', { body });
        expect(raw.status).toBe(200);
        return {
          answer: await call(body),
          size: raw.text.length + [...raw.headers].join().replaceAll(/\w\w\w, .* GMT/g, '').length,
        };
      }),
    );
  };

  it('has one size, whatever its reason, and it is that of a yes', async () => {
    const answers = await refusals();
    expect(answers.map(({ answer }) => answer.outcome)).toEqual([
      'refused',
      'refused',
      'refused',
      'attested',
    ]);
    expect(new Set(answers.map(({ size }) => size)).size).toBe(1);
  });

  it('can be explained to whoever decides its appeal, and to nobody who guesses', async () => {
    const [bank, registered, grant] = await refusals();
    const explain = (one: typeof bank) =>
      matching.explain(one?.answer.outcome === 'refused' ? one.answer.appeal : random(16));
    expect(await explain(bank)).toMatchObject({
      reason: 'bank',
      matches: [{ standing: 'positive', banks: ['DESK'], opinions: [{ bank: 'DESK', source: 'desk' }] }],
    });
    expect(await explain(registered)).toMatchObject({ reason: 'registered', matches: [] });
    expect(await explain(grant)).toMatchObject({ reason: 'grant', matches: [] });
    expect(await matching.explain(random(16))).toBeNull();
  });
});
