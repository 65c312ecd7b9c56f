import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Matching } from '../../src/matching/index.ts';
import { aggregate, categories, later, type Opinion } from '../../src/matching/opinions.ts';
import type { KindHash } from '../../src/matching/types.ts';
import { base64url } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';
import { ask, byOwner, concat, near, newKey, nothingElse, someHash, uuidOf } from './pictures.ts';

let server: TestServer;
let matching: Matching;
beforeAll(async () => {
  server = await startServer();
  matching = server.running.features.matching;
});
afterAll(() => server.close());

const positive = { category: 'positive', at: new Date(0) } as const;
const refusal = (call: Promise<unknown>) =>
  call.then(
    () => 'no refusal',
    (error: { code?: string }) => error.code,
  );

describe('banks', () => {
  it('have names, purposes and room for 31', async () => {
    const bank = { name: 'B_1', purpose: 'review', source: 'file', owner: 'own' } as const;
    expect(await matching.banks.create(bank)).toMatchObject({ ...bank, enabled: true });
    expect(await refusal(matching.banks.create(bank))).toBe('invalid_input');
    expect(await refusal(matching.banks.create({ ...bank, name: 'small' }))).toBe('invalid_input');
    const names = Array.from({ length: 28 }, (_, n) => `FILL_${n}`);
    for (const name of names) await matching.banks.create({ ...bank, name });
    expect(await refusal(matching.banks.create({ ...bank, name: 'ONE_MORE' }))).toBe('invalid_input');
    for (const name of names) await matching.banks.remove(name);
    expect((await matching.banks.list()).map(({ name }) => name)).toEqual(['DESK', 'CLAIMED', 'B_1']);
    expect(await refusal(matching.banks.remove('DESK'))).toBe('invalid_input');
    expect(await refusal(matching.banks.remove('FILL_1'))).toBe('not_found');
  });

  it('move the epoch with every change, and never back', async () => {
    const hash = someHash();
    const epochs = [await matching.banks.epoch()];
    const signal = { hash, quality: 90, opinion: positive };
    for (const change of [
      () => matching.banks.addSignals('DESK', [signal]),
      () => matching.banks.removeSignals('DESK', [hash]),
      () => matching.banks.create({ name: 'E', purpose: 'review', source: 'x', owner: 'own' }),
      () => matching.banks.enable('E', false),
      () => matching.banks.remove('E'),
    ]) {
      await change();
      epochs.push(await matching.banks.epoch());
    }
    expect(epochs).toEqual([...new Set(epochs)].sort((a, b) => a - b));
  });

  it('keep one picture once, whoever speaks of it, and say who', async () => {
    const hash = someHash();
    await matching.banks.create({
      name: 'PARTNER',
      purpose: 'blocking',
      source: 'partner',
      owner: 'partner',
    });
    const said = { hash, quality: 90, opinion: { ...positive, tags: ['a, "b"', 'c'], confidence: 70 } };
    await matching.banks.addSignals('PARTNER', [said], { source: 'partner/1' });
    await matching.banks.addSignals('PARTNER', [said], { source: 'partner/2' });
    await matching.banks.addSignals('DESK', [
      { ...said, opinion: { category: 'negative', at: new Date(5) } },
    ]);
    const [match, ...others] = await matching.banks.lookup(near(hash, 31));
    expect(others).toEqual([]);
    expect(match).toMatchObject({
      distance: 31,
      kind: 'whole',
      standing: 'negative',
      banks: ['PARTNER'],
      opinions: [
        { bank: 'DESK', source: 'desk', ours: true, category: 'negative', tags: [], confidence: 100 },
        { bank: 'PARTNER', source: 'partner/1', ours: false, tags: ['a, "b"', 'c'], confidence: 70 },
        { bank: 'PARTNER', source: 'partner/2', ours: false, category: 'positive' },
      ],
    });
    expect(await matching.banks.lookup(hash, { banks: ['DESK'] })).toEqual([]);
    expect(await matching.banks.lookup(near(hash, 32))).toEqual([]);
    expect(await refusal(matching.banks.lookup(hash, { banks: ['NONE'] }))).toBe('not_found');
    await matching.banks.removeSignals('PARTNER', [hash], { source: 'partner/1' });
    const [after] = await matching.banks.lookup(hash);
    expect(after?.opinions.map(({ source, withdrawn }) => [source, withdrawn])).toEqual([
      ['desk', false],
      ['partner/1', true],
      ['partner/2', false],
    ]);
    await matching.banks.removeSignals('PARTNER', [hash], { source: 'partner/2' });
    expect(await matching.banks.lookup(hash)).toEqual([]);
  });

  it('count what they hold', async () => {
    await matching.banks.create({ name: 'COUNTED', purpose: 'review', source: 'x', owner: 'own' });
    const variants: KindHash[] = [
      { kind: 'part', hash: someHash() },
      { kind: 'region', hash: someHash() },
      { kind: 'part', hash: someHash() },
    ];
    const gone = someHash();
    const added = await matching.banks.addSignals('COUNTED', [
      { hash: someHash(), quality: 90, variants, opinion: positive },
      { hash: someHash(), quality: 50, opinion: { category: 'seed', at: new Date(0) } },
      { hash: someHash(), quality: 90, opinion: { category: 'negative', at: new Date(0) } },
      { hash: gone, quality: 90, opinion: positive },
      { hash: someHash(), quality: 49, opinion: positive },
    ]);
    expect(added).toBe(4);
    expect(await matching.banks.removeSignals('COUNTED', [gone])).toBe(1);
    const stats = (await matching.banks.stats()).find(({ name }) => name === 'COUNTED');
    expect(stats).toMatchObject({
      pictures: 2,
      hashes: 5,
      byCategory: { positive: 1, seed: 1, negative: 1, withdrawn: 1 },
    });
    const [found] = await matching.banks.lookup(variants[0]?.hash as Uint8Array, { kinds: ['part'] });
    expect(found).toMatchObject({ distance: 0, kind: 'part', banks: ['COUNTED'] });
    await matching.banks.remove('COUNTED');
    expect(
      await matching.banks.lookup(variants[0]?.hash as Uint8Array, { kinds: ['whole', 'part'] }),
    ).toEqual([]);
  });

  it('hold a crop under each anchor from which it looks alike, also one that was said later', async () => {
    const [whole, both, late] = [someHash(), someHash(), someHash()];
    const part = (hash: Uint8Array, anchor?: number) => ({
      kind: 'part' as const,
      hash,
      ...(anchor !== undefined && { anchor }),
    });
    const say = (...variants: ReturnType<typeof part>[]) =>
      matching.banks.addSignals('DESK', [{ hash: whole, quality: 90, variants, opinion: positive }]);
    const asks = async (hash: Uint8Array, anchor: number) => {
      const asked = {
        ...nothingElse,
        parts: concat(near(hash, 9)),
        against: base64url(Uint8Array.of(2 ** anchor)),
      };
      return (await ask(server.url, await byOwner(await newKey(), someHash(), { asked }))).outcome;
    };
    const refusedAt = async (hash: Uint8Array) => {
      const outcomes = await Promise.all([1, 2, 3, 4, 5].map((anchor) => asks(hash, anchor)));
      return outcomes.flatMap((one, at) => (one === 'refused' ? [at + 1] : []));
    };
    await say(part(both, 2), part(both, 5), part(both, 2), part(both), part(late));
    expect(await refusedAt(both)).toEqual([2, 5]);
    expect(await refusedAt(late)).toEqual([1, 2, 3, 4, 5]);
    await say(part(late, 4), part(both));
    await say(part(late), part(both, 3), part(both, 5));
    expect(await refusedAt(late)).toEqual([4]);
    expect(await refusedAt(both)).toEqual([2, 3, 5]);
    const { rows } = await server.database.pool.query(
      `select anchor from matching_hash where kind = 1 and hash = any($1) order by hash = $2, anchor`,
      [[Buffer.from(both), Buffer.from(late)], Buffer.from(late)],
    );
    expect(rows.map(({ anchor }) => anchor)).toEqual([2, 3, 5, 4]);
  });

  it('stand in the database as the algebra has it, whatever comes in which order', async () => {
    const voices = ['one', 'two'] as const;
    const bank = ['DESK', 'PARTNER'] as const;
    const word = fc.record({
      bank: fc.constantFrom(...bank),
      voice: fc.constantFrom(...voices),
      category: fc.constantFrom(...categories),
      at: fc.integer({ min: 0, max: 3 }),
      withdrawn: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 6 }), async (words) => {
        const hash = someHash();
        const stands = new Map<string, Opinion>();
        for (const { bank, voice, category, at, withdrawn } of words) {
          const when = new Date(at);
          const source = { source: voice };
          if (withdrawn) await matching.banks.removeSignals(bank, [hash], { ...source, at: when });
          else {
            const signal = { hash, quality: 90, opinion: { category, at: when } };
            await matching.banks.addSignals(bank, [signal], source);
          }
          const opinion = { category, at, withdrawn, ours: bank === 'DESK' };
          const before = stands.get(bank + voice);
          stands.set(bank + voice, before === undefined ? opinion : later(before, opinion));
        }
        const expected = aggregate(stands.values());
        const [match] = await matching.banks.lookup(hash);
        // One that nobody stands by is not found at all.
        const held = [...stands.values()].some((one) => !one.withdrawn && one.category !== 'negative');
        expect(match?.standing).toBe(held ? expected : undefined);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a sweep', () => {
  it('names every copy that can be opened, says what it covered, and nothing else', async () => {
    const url = server.url;
    const { coverage: before } = await matching.registry.sweep([]);
    const [owner, hash, crop] = [await newKey(), someHash(), someHash()];
    const copies = [
      await byOwner(owner, hash),
      await byOwner(owner, near(hash, 31)),
      await byOwner(owner, someHash(), { kept: concat(near(crop, 10)) }),
    ];
    const others = [
      await byOwner(await newKey(), near(someHash(), 0)),
      await byOwner(await newKey(), someHash(), { q: 30 }),
    ];
    for (const body of [...copies, ...others]) expect((await ask(url, body)).outcome).toBe('attested');
    const asked: KindHash[] = [
      { kind: 'whole', hash },
      { kind: 'part', hash: crop },
      ...Array.from({ length: 100 }, () => ({ kind: 'whole' as const, hash: someHash() })),
    ];
    const sweep = await matching.registry.sweep(asked);
    const tags = copies.map(({ blobId }) => matching.registry.tagOf(uuidOf(blobId)));
    expect([...sweep.tags].sort()).toEqual([...tags].sort());
    expect(sweep).toMatchObject({
      coverage: { registered: before.registered + 5, searched: before.searched + 4, asked: 102 },
      complete: true,
    });
    const ended = copies.slice(0, 1).map(({ blobId }) => uuidOf(blobId));
    await server.platform.db.transaction().execute((tx) => matching.registry.ended(tx, ended));
    expect((await matching.registry.sweep(asked)).tags).toHaveLength(2);
  });
});

describe('what is asked of a server that is starting', () => {
  it('waits: nothing is attested before the index is loaded', async () => {
    const { createMatching } = await import('../../src/matching/index.ts');
    const early = createMatching(server.platform);
    expect(await refusal(early.banks.lookup(someHash()))).toBe('unavailable');
  });
});
