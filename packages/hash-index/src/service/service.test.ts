import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Entry, generator, near, randomHash, scan, toRows } from '../testing.ts';
import { restoreIndexService, startIndexService } from './index.ts';

const OPTIONS = { banks: ['A', 'B'] };
const code = (code: string) => expect.objectContaining({ name: 'HashIndexError', code });

function entriesOf(count: number): Map<number, Entry> {
  const next = generator(31);
  return new Map(
    Array.from({ length: count }, () => [next(), { hash: randomHash(next), banks: 1 + (next() % 3) }]),
  );
}

describe('index service', () => {
  it.each([1, 3])(
    'answers from %i worker threads as one index does, through changes and a restart',
    async (shards) => {
      const entries = entriesOf(9_000);
      const next = generator(77);
      const service = await startIndexService({ ...OPTIONS, shards }, toRows(entries));
      await service.add(1, new Uint8Array(32), 1);
      entries.set(1, { hash: new Uint8Array(32), banks: 1 });
      const [first, second, third] = [...entries.keys()] as [number, number, number];
      await service.remove(first);
      entries.delete(first);
      await service.replace(second, new Uint8Array(32).fill(255), 2);
      entries.set(second, { hash: new Uint8Array(32).fill(255), banks: 2 });
      const extra = new Map([...entriesOf(9_050)].slice(9_000));
      await service.addMany(toRows(extra));
      for (const [id, entry] of extra) entries.set(id, entry);
      expect(await service.get(third)).toEqual(entries.get(third));

      const check = async (asked: typeof service) => {
        const queries = [...entries.values()].slice(0, 30).map(({ hash }) => near(hash, next() % 50, next));
        const answers = await asked.searchMany(queries, { radius: 46 });
        expect(answers).toEqual(queries.map((query) => scan(entries, query, 46)));
        expect(await asked.search(new Uint8Array(32), { radius: 10, banks: 1 })).toEqual([
          { id: 1, distance: 0 },
        ]);
        expect(await asked.size()).toBe(entries.size);
      };
      await check(service);
      await service.compact();
      const snapshots = await service.snapshot();
      expect(snapshots).toHaveLength(shards);
      await check(service);
      await service.close();
      await expect(service.search(new Uint8Array(32), { radius: 31 })).rejects.toThrow(
        code('service.closed'),
      );

      const restored = await restoreIndexService(snapshots.reverse());
      await check(restored);
      await restored.close();
      if (shards > 1) {
        await expect(restoreIndexService(snapshots.slice(1))).rejects.toThrow(code('snapshot.shards'));
        await expect(restoreIndexService(snapshots.map(() => snapshots[0] as Uint8Array))).rejects.toThrow(
          code('snapshot.shards'),
        );
      }
      (snapshots[0] as Uint8Array)[200] = ((snapshots[0] as Uint8Array)[200] as number) ^ 1;
      await expect(restoreIndexService(snapshots)).rejects.toThrow(code('snapshot.checksum'));
    },
    120_000,
  );

  it('refuses by code, and a batch that meets a known id adds nothing', async () => {
    const entries = entriesOf(100);
    const service = await startIndexService({ ...OPTIONS, shards: 2 });
    await service.addMany(toRows(entries));
    const fresh = new Map([...entriesOf(103)].slice(100));
    const mixed = new Map([...fresh, ...[...entries].slice(50, 51)]);
    await expect(service.addMany(toRows(mixed))).rejects.toThrow(code('id.taken'));
    expect(await service.size()).toBe(100);
    const [id, { hash }] = [...entries][0] as [number, Entry];
    await expect(service.add(id, hash, 1)).rejects.toThrow(code('id.taken'));
    await expect(service.add(5, hash.slice(1), 1)).rejects.toThrow(code('hash.length'));
    await expect(service.add(5, hash, 4)).rejects.toThrow(code('bank.unknown'));
    await expect(service.remove(5)).rejects.toThrow(code('id.absent'));
    await expect(service.search(hash, { radius: 300 })).rejects.toThrow(code('radius.range'));
    await expect(service.searchMany([hash, hash.slice(2)], { radius: 3 })).rejects.toThrow(
      code('hash.length'),
    );
    await expect(startIndexService({ banks: [] })).rejects.toThrow(code('bank.names'));
    await expect(restoreIndexService([new Uint8Array(500)])).rejects.toThrow(code('snapshot.magic'));
    await expect(restoreIndexService([])).rejects.toThrow(code('snapshot.shards'));
    await service.close();
  }, 120_000);

  it('restores from files, and refuses what is absent, no file, cut short or damaged', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hash-index-'));
    try {
      const entries = entriesOf(9_000);
      const service = await startIndexService({ ...OPTIONS, shards: 2 }, toRows(entries));
      const files = [join(folder, 'a'), join(folder, 'b')];
      const [first, second] = (await service.snapshot()) as [Uint8Array, Uint8Array];
      await service.close();
      await Promise.all([writeFile(files[0] as string, first), writeFile(files[1] as string, second)]);
      const restored = await restoreIndexService(files);
      const query = near([...entries.values()][5]?.hash as Uint8Array, 20, generator(3));
      expect(await restored.search(query, { radius: 31 })).toEqual(scan(entries, query, 31));
      expect(await restored.size()).toBe(entries.size);
      await restored.close();
      for (const absent of [join(folder, 'c'), folder]) {
        await expect(restoreIndexService([absent])).rejects.toThrow(code('snapshot.unreadable'));
      }
      await writeFile(files[0] as string, first.subarray(0, 5_000));
      await expect(restoreIndexService(files)).rejects.toThrow(code('snapshot.length'));
      first[5_000] = (first[5_000] as number) ^ 16;
      await writeFile(files[0] as string, first);
      await expect(restoreIndexService(files)).rejects.toThrow(code('snapshot.checksum'));
    } finally {
      await rm(folder, { recursive: true });
    }
  }, 120_000);

  it('leaves the event loop free while an index is built', async () => {
    const rows = toRows(entriesOf(60_000));
    const service = await startIndexService({ ...OPTIONS, shards: 1 });
    let turns = 0;
    const ticking = setInterval(() => turns++, 1);
    await service.addMany(rows);
    await service.compact();
    await service.snapshot();
    clearInterval(ticking);
    await service.close();
    expect(turns).toBeGreaterThan(5);
  }, 120_000);
});
