import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PdqEngine, shareHashes } from '@accord/perceptual';
import { decodeFile } from '@accord/perceptual/decode-node';
import { kernelBytes } from '@accord/perceptual/kernel';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, byOwner, concat, type Key, newKey, someHash } from '../../server/test/matching/pictures.ts';
import { base64url } from '../../server/test/people.ts';
import { startServer, type TestServer } from '../../server/test/support.ts';
import { accord } from '../src/accord.ts';

/** Drawn shapes: harmless, with enough structure for a hash of quality 100, and no two pictures share one. */
function shapes(seed: number): string {
  let state = seed * 2_654_435_761;
  const upTo = (most: number) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 374_761_393) >>> 0;
    return state % most;
  };
  const colour = () => `hsl(${upTo(360)} ${20 + upTo(60)}% ${15 + upTo(70)}%)`;
  // To the edge, as a photograph is: an even margin would be taken for a border.
  const tiles = Array.from(
    { length: 63 },
    (_, n) =>
      `<rect x="${(n % 9) * 100}" y="${Math.floor(n / 9) * 100}" width="100" height="100" fill="${colour()}"/>`,
  );
  const all = Array.from({ length: 24 }, (_, n) => {
    const [x, y] = [upTo(900), upTo(700)];
    if (n % 3 === 0) {
      return `<ellipse cx="${x}" cy="${y}" rx="${20 + upTo(150)}" ry="${20 + upTo(120)}" fill="${colour()}"/>`;
    }
    const corners = Array.from(
      { length: 3 + upTo(3) },
      () => `${x + upTo(300) - 150},${y + upTo(300) - 150}`,
    );
    return `<polygon points="${corners.join(' ')}" fill="${colour()}"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="700">
    ${tiles.join('')}${all.join('')}</svg>`;
}

let server: TestServer;
let engine: PdqEngine;
let folder: string;
const file = (name: string) => join(folder, name);
const draw = (seed: number) => sharp(Buffer.from(shapes(seed))).png();

beforeAll(async () => {
  server = await startServer();
  engine = await PdqEngine.load(kernelBytes);
  folder = await mkdtemp(join(tmpdir(), 'accord-bank-'));
  for (const seed of [1, 2, 3]) await draw(seed).toFile(file(`shapes-${seed}.png`));
  await sharp({ create: { width: 64, height: 64, channels: 3, background: '#777' } })
    .png()
    .toFile(file('flat.png'));
  await writeFile(file('broken.jpg'), 'no picture');
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function call(...argv: string[]) {
  const { host = '', port, user, database: name } = server.database.settings;
  const lines = { out: '', err: '' };
  const code = await accord(argv, {
    env: {
      ACCORD_DATABASE_URL: `postgres://${user}@/${name}?host=${encodeURIComponent(host)}&port=${port}`,
      ACCORD_DATA: server.platform.folder,
      ACCORD_PUBLIC_URL: server.url,
    },
    now: Date.now,
    out: (line) => {
      lines.out += `${line}\n`;
    },
    err: (line) => {
      lines.err += `${line}\n`;
    },
  });
  return { code, ...lines };
}

/** What a device asks about a picture file. */
async function asks(path: string, owner: Key) {
  const { hash, quality, turned, parts, wholes, kept } = shareHashes(engine, await decodeFile(path));
  const all = (set: typeof kept) => concat(...set.map((one) => one.hash));
  const asked = {
    turned: all(turned),
    parts: all(parts),
    against: base64url(Uint8Array.from(parts, ({ against }) => against ?? 0)),
    wholes: all(wholes),
    regions: '',
  };
  return byOwner(owner, hash, { q: quality, asked, kept: all(kept) });
}

const edits: Readonly<Record<string, (picture: Sharp) => Sharp>> = {
  'recompressed at quality 20': (one) => one.jpeg({ quality: 20 }),
  mirrored: (one) => one.flop().jpeg(),
  'turned upside down': (one) => one.rotate(180).jpeg(),
  'cropped by a tenth': (one) => one.extract({ left: 45, top: 35, width: 810, height: 630 }).jpeg(),
  'cropped to a corner': (one) => one.extract({ left: 0, top: 0, width: 720, height: 560 }).jpeg(),
  'in a border': (one) => one.extend({ top: 60, bottom: 60, left: 60, right: 60, background: '#000' }).jpeg(),
  'at a quarter of its size': (one) => one.resize(225).jpeg(),
};

describe('a picture that was imported from its file', () => {
  beforeAll(async () => {
    expect(await call('bank', 'import', 'DESK', file('shapes-1.png'))).toMatchObject({
      code: 0,
      out: 'DESK: 1 changed of 1 picture.\n',
    });
    await server.running.features.matching.catchUp();
  });

  it.each(Object.entries(edits))('is refused %s', async (name, edit) => {
    const path = file(`banked ${name}`);
    await edit(draw(1)).toFile(path);
    expect((await ask(server.url, await asks(path, await newKey()))).outcome).toBe('refused');
  });

  it('is no other picture', async () => {
    expect((await ask(server.url, await asks(file('shapes-2.png'), await newKey()))).outcome).toBe(
      'attested',
    );
  });
});

describe('a picture that was registered by its sender', () => {
  it.each(Object.entries(edits))('is refused to others %s', async (name, edit) => {
    const owner = await newKey();
    const path = file(`registered ${name}`);
    await edit(draw(3)).toFile(path);
    await server.platform.db.deleteFrom('registered_picture').execute();
    await server.running.features.matching.catchUp();
    expect((await ask(server.url, await asks(file('shapes-3.png'), owner))).outcome).toBe('attested');
    expect((await ask(server.url, await asks(path, await newKey()))).outcome).toBe('refused');
    expect((await ask(server.url, await asks(path, owner))).outcome).toBe('attested');
  });
});

describe('accord bank', () => {
  it('makes, lists, counts and removes banks', async () => {
    expect(await call('bank', 'create', 'CLI_ONE', '--purpose', 'review', '--owner', 'partner')).toEqual({
      code: 0,
      out: 'Made CLI_ONE, review.\n',
      err: '',
    });
    expect((await call('bank', 'create', 'CLI_ONE', '--purpose', 'review')).code).toBe(2);
    expect((await call('bank', 'create', 'small', '--purpose', 'review')).code).toBe(2);
    expect((await call('bank', 'create', 'CLI_TWO', '--purpose', 'none')).code).toBe(2);
    expect((await call('bank', 'list')).out).toMatch(/CLI_ONE +review +file +partner +on\n/);
    expect((await call('bank', 'stats')).out).toMatch(/CLI_ONE +review +0 +0/);
    expect(await call('bank', 'remove', 'CLI_ONE')).toMatchObject({ code: 1 });
    expect(await call('bank', 'remove', 'DESK', '--yes')).toMatchObject({ code: 2 });
    expect(await call('bank', 'remove', 'CLI_ONE', '--yes')).toMatchObject({ code: 0 });
    expect(await call('bank', 'remove', 'CLI_ONE', '--yes')).toMatchObject({ code: 2 });
    expect(await call('bank', 'frobnicate')).toMatchObject({ code: 2 });
  });

  it('reads hashes as text, CSV and JSON, names a bad record, and passes over what is flat', async () => {
    await call('bank', 'create', 'READ', '--purpose', 'blocking', '--source', 'list');
    const hex = () => Buffer.from(someHash()).toString('hex');
    const [one, two, three] = [hex(), hex(), hex()];
    await writeFile(file('list.txt'), `# a list\n${one}\n\n${two.toUpperCase()} a name\n`);
    await writeFile(
      file('list.csv'),
      `id,pdq,quality,category,tags\n1,${three},80,seed,"a;""b"""\n2,${hex()},20,,\n`,
    );
    await writeFile(file('list.json'), JSON.stringify([hex(), { hash: hex(), quality: 60, tags: ['x'] }]));
    expect((await call('bank', 'import', 'READ', file('list.txt'), '--dry-run')).out).toBe(
      'READ: 2 would be said of 2 pictures.\n',
    );
    expect((await call('bank', 'stats')).out).toMatch(/READ +blocking +0/);
    const { code, out } = await call(
      ...['bank', 'import', 'READ', file('list.txt'), file('list.csv'), file('list.json'), '--tag', 't'],
    );
    expect(code).toBe(0);
    expect(out).toBe('READ: 5 changed of 6 pictures.\n1 picture passed over: of a quality below 50.\n');
    const { banks } = server.running.features.matching;
    const found = () => banks.lookup(Buffer.from(three, 'hex'), { radius: 0 });
    await expect.poll(found, { timeout: 5000 }).toHaveLength(1);
    expect((await found())[0]?.opinions).toMatchObject([
      { source: 'list', category: 'seed', tags: ['a', '"b"', 't'] },
    ]);
    expect((await call('bank', 'import', 'READ', file('list.txt'))).out).toMatch(/^READ: [02] changed/);
    await writeFile(file('bad.txt'), `${one}\nnothing\n`);
    expect(await call('bank', 'import', 'READ', file('bad.txt'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('bad.txt, record 2: the hash is not 64 hexadecimal digits'),
    });
    expect((await call('bank', 'import', 'READ', file('none.txt'))).code).toBe(2);
    expect((await call('bank', 'import', 'NONE', file('list.txt'))).code).toBe(2);
    const mixed = await call('bank', 'import', 'READ', file('flat.png'), file('broken.jpg'));
    expect(mixed).toMatchObject({ code: 1, err: expect.stringContaining('broken.jpg') });
    expect(mixed.out).toContain('1 picture passed over');
  });

  it('exports what a bank holds, and takes its own export back, crops and regions included', async () => {
    await call('bank', 'create', 'OUT', '--purpose', 'review');
    await call('bank', 'import', 'OUT', file('shapes-1.png'), file('shapes-2.png'), '--tag', 'a,b');
    const plain = await call('bank', 'export', 'OUT', file('out.csv'));
    expect(plain).toMatchObject({ code: 0, out: `${file('out.csv')}: 2 pictures, 2 hashes.\n` });
    expect(plain.err).toContain('two of you');
    expect(plain.err).toMatch(/^\d\d+ hashes of crops and regions were left out/);
    expect((await stat(file('out.csv'))).mode & 0o777).toBe(0o600);
    const manifest = JSON.parse(await readFile(file('out.csv.manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({ bank: 'OUT', pictures: 2, hashes: 2, allHashes: false });
    const sha256 = createHash('sha256')
      .update(await readFile(file('out.csv')))
      .digest('hex');
    expect(manifest.sha256).toBe(sha256);
    expect((await call('bank', 'export', 'OUT', file('out.csv'))).code).toBe(2);
    const whole = await call('bank', 'export', 'OUT', file('all.csv'), '--all-hashes');
    expect(whole.err).not.toContain('left out');
    const before = (await call('bank', 'stats')).out.split('\n').find((line) => line.startsWith('OUT'));
    await call('bank', 'remove', 'OUT', '--yes');
    await call('bank', 'create', 'OUT', '--purpose', 'review');
    await call('bank', 'import', 'OUT', file('all.csv'));
    const after = (await call('bank', 'stats')).out.split('\n').find((line) => line.startsWith('OUT'));
    expect(after).toBe(before);
    await call('bank', 'export', 'OUT', file('again.csv'), '--all-hashes');
    const named = async (name: string) =>
      (await readFile(file(name), 'utf8'))
        .split('\n')
        .map((line) => line.split(','))
        .map(([hash, , kind, anchor]) => `${hash} ${kind} ${anchor}`)
        .sort();
    expect(await named('again.csv')).toEqual(await named('all.csv'));
    expect((await named('all.csv')).filter((line) => line.endsWith(' part 5')).length).toBeGreaterThan(3);
    await draw(2).flop().jpeg({ quality: 50 }).toFile(file('copy.jpg'));
    const match = await call('match', file('copy.jpg'), '--bank', file('all.csv'));
    expect(match.out.split('\n')[1]).toMatch(/copy\.jpg +match +\d+ +\d+$/);
  });

  it('leaves an index that the doctor finds to agree with the database', async () => {
    const { pool } = server.platform;
    const { rows } = await pool.query<{ written: string }>('select pg_current_xact_id()::text as written');
    // A saved index is as old as what others on this PostgreSQL are still writing; what is younger the doctor reads anew.
    await expect
      .poll(async () => {
        const past = 'select pg_snapshot_xmin(pg_current_snapshot()) > $1::text::xid8 as past';
        return (await pool.query(past, [rows[0]?.written])).rows[0].past;
      })
      .toBe(true);
    await server.running.features.matching.catchUp();
    expect((await call('doctor')).out).toContain('index: none is saved');
    await server.running.features.matching.save();
    await call('bank', 'import', 'DESK', file('shapes-2.png'));
    expect((await call('doctor')).out).toMatch(/ok +index: agrees with the database, \d+ hashes/);
    const client = await pool.connect();
    // A row that goes without a word, as a disk loses one.
    await client.query('begin; set local session_replication_role = replica');
    await client.query(
      'delete from matching_hash where id = (select min(id) from matching_hash where signal_id is not null)',
    );
    await client.query('commit');
    client.release();
    const sick = await call('doctor');
    expect(sick.out).toMatch(/fail +index: 1 of \d+ hashes are not as in the database/);
  });
});
