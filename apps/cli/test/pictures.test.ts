import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accord } from '../src/accord.ts';

/** Drawn hills under a sun: harmless, with enough structure for a hash of quality 100. */
const hills = (seed: number) => `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480">
  <rect width="640" height="480" fill="#bcd"/>
  <circle cx="${120 + 90 * seed}" cy="${90 + 30 * seed}" r="46" fill="#fd6"/>
  ${Array.from({ length: 9 }, (_, i) => {
    const x = (i * 97 + seed * 61) % 640;
    const y = 190 + ((i * 53 + seed * 37) % 170);
    return `<path d="M${x - 190} 480 Q${x} ${y} ${x + 170} 480Z" fill="hsl(${(i * 47 + seed * 80) % 360} 40% ${20 + 7 * i}%)"/>`;
  }).join('')}
</svg>`;

describe('accord on pictures, without a server or a database', () => {
  let folder: string;
  const file = (name: string) => join(folder, name);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'accord-pictures-'));
    for (const seed of [1, 2, 3])
      await sharp(Buffer.from(hills(seed)))
        .png()
        .toFile(file(`hills-${seed}.png`));
    await sharp(file('hills-1.png')).flop().jpeg({ quality: 60 }).toFile(file('mirrored.jpg'));
    await sharp(file('hills-1.png'))
      .extend({ left: 60, right: 60, background: '#000' })
      .jpeg()
      .toFile(file('bars.jpg'));
    await sharp({ create: { width: 64, height: 64, channels: 3, background: '#777' } })
      .png()
      .toFile(file('flat.png'));
    await writeFile(file('broken.jpg'), 'no picture');
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function call(...argv: string[]) {
    const lines = { out: '', err: '' };
    const code = await accord(argv, {
      env: {},
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

  it('hashes to a table and to JSON with the eight turns', async () => {
    const { code, out } = await call('hash', file('hills-1.png'));
    expect(code).toBe(0);
    expect(out).toMatch(/^file +pdq +quality\n\S+hills-1\.png +[0-9a-f]{64} +\d+\n$/);
    const [whole] = JSON.parse((await call('hash', '--json', file('hills-1.png'))).out);
    expect(Object.keys(whole)).toEqual(['file', 'pdq', 'quality', 'dihedral']);
    expect(whole.dihedral).toHaveLength(8);
    expect(whole.dihedral[0]).toBe(whole.pdq);
    expect(new Set(whole.dihedral).size).toBe(8);
  });

  it('finds edited copies in a bank and nothing else', async () => {
    const bank = await call('hash', '--bank', file('hills-1.png'), file('hills-2.png'));
    await writeFile(file('bank.txt'), `# two pictures\n\n${bank.out}`);
    const asked = ['mirrored.jpg', 'bars.jpg', 'hills-2.png', 'hills-3.png', 'flat.png'].map(file);
    const { code, out } = await call('match', ...asked, '--bank', file('bank.txt'), '--json');
    expect(code).toBe(0);
    const found = JSON.parse(out).map(({ matches }: { matches: { picture: string; verdict: string }[] }) =>
      matches.filter(({ verdict }) => verdict === 'match').map(({ picture }) => picture),
    );
    expect(found).toEqual([[file('hills-1.png')], [file('hills-1.png')], [file('hills-2.png')], [], []]);
  });

  it('names what it can not read, goes on, and says so by its exit code', async () => {
    const { code, out, err } = await call(
      'hash',
      file('broken.jpg'),
      file('hills-1.png'),
      file('absent.png'),
      '--json',
    );
    expect(code).toBe(1);
    expect(JSON.parse(out).map(({ error }: { error?: string }) => error)).toEqual([
      'picture.unsupported-format',
      undefined,
      'picture.unreadable',
    ]);
    expect(err.split('\n')).toHaveLength(3);
  });

  it.each([
    [['hash'], 'hash wants the names'],
    [['match', 'a.png'], 'match wants the names'],
    [['match', 'a.png', '--bank', '/nowhere'], 'can’t be read'],
  ])('%j makes no sense', async (argv, sentence) => {
    const { code, err } = await call(...(argv as string[]));
    expect(code).toBe(2);
    expect(err).toContain(sentence);
  });

  it('reads an empty bank, and refuses a bank with a bad line by its number', async () => {
    await writeFile(file('empty.txt'), '# nothing yet\n');
    expect((await call('match', file('hills-1.png'), '--bank', file('empty.txt'))).out).toContain('none');
    await writeFile(file('bad.txt'), `${'0'.repeat(64)} one\nxyz two\n`);
    const { code, err } = await call('match', file('hills-1.png'), '--bank', file('bad.txt'));
    expect(code).toBe(2);
    expect(err).toContain('Line 2');
  });
});
