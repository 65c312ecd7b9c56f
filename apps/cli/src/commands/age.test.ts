import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refusals } from '@accord/age-proof';
import { makeCast, now, present, session } from '@accord/age-proof/testing';
import { listOperator, unsignedList } from '@accord/age-proof/testing/trusted-list';
import { readPin } from '@accord/age-proof/trust';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accord } from '../accord.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'accord-age-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function run(...argv: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await accord(argv, {
    env: {},
    now: () => now,
    out: (line) => out.push(line),
    err: (line) => err.push(line),
  });
  return { code, out, err };
}

async function fileOf(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

async function entry(id: string) {
  const cast = await makeCast();
  return {
    id,
    docType: 'eu.europa.ec.av.1',
    now: new Date(now).toISOString(),
    bytes: Buffer.from(await present(cast)).toString('base64url'),
    anchorsDer: [Buffer.from(cast.caCertificate).toString('base64')],
    oid4vp: session,
  };
}

describe('age check', () => {
  it('prints one line for each entry, and no more with --json', async () => {
    const good = await entry('good');
    const file = await fileOf('vectors.json', [good, { ...good, id: 'late', now: '2027-06-01T00:00:00Z' }]);
    expect(await run('age', 'check', file, '--json')).toEqual({
      code: 0,
      out: ['{"id":"good","verdict":"valid"}', '{"id":"late","verdict":"mso_expired"}'],
      err: [],
    });
    expect((await run('age', 'check', file)).out).toEqual([
      'good: valid',
      `late: mso_expired (${refusals.mso_expired})`,
    ]);
  });

  it('says which entry does not say what it must, and goes on', async () => {
    const file = await fileOf('half.json', [{ id: 'empty' }, 7, await entry('good')]);
    const { code, out } = await run('age', 'check', '--json', file);
    expect(out.map((line) => JSON.parse(line))).toEqual([
      { id: 'empty', verdict: 'vector_malformed' },
      { id: 1, verdict: 'vector_malformed' },
      { id: 'good', verdict: 'valid' },
    ]);
    expect(code).toBe(1);
  });

  it('reads a list, a list as the member vectors, one entry, and an entry on each line', async () => {
    const good = await entry('good');
    const late = { ...good, id: 'late', now: '2027-06-01T00:00:00Z' };
    const [first, second] = ['{"id":"good","verdict":"valid"}', '{"id":"late","verdict":"mso_expired"}'];
    const read = async (content: unknown) =>
      (await run('age', 'check', '--json', await fileOf('form.json', content))).out;
    expect(await read([good, late])).toEqual([first, second]);
    expect(await read({ vectors: [good, late] })).toEqual([first, second]);
    expect(await read(good)).toEqual([first]);
    expect(await read(`${JSON.stringify(good)}\n{"id":\n\n${JSON.stringify(late)}\n`)).toEqual([
      first,
      '{"id":1,"verdict":"vector_malformed"}',
      second,
    ]);
  });

  it.each([
    [['age']],
    [['age', 'check']],
    [['age', 'check', 'a', 'b']],
    [['age', 'guess']],
    [['age', 'check', '--xml', 'a']],
  ])('does not understand %j', async (argv) => {
    const { code, err } = await run(...argv);
    expect([code, err.length]).toEqual([2, 1]);
  });

  it('does not take a file that is no JSON', async () => {
    expect((await run('age', 'check', await fileOf('no.json', '<xml/>'))).code).toBe(2);
  });
});

describe('age trust', () => {
  const out = () => join(folder, 'pin.json');

  it('wants the signer named the first time', async () => {
    const { code, err } = await run(
      'age',
      'trust',
      'import',
      await fileOf('list.xml', '<a/>'),
      '--out',
      out(),
    );
    expect([code, err[0]]).toEqual([2, expect.stringContaining('--signer')]);
    expect(
      (await run('age', 'trust', 'import', join(folder, 'list.xml'), '--out', out(), '--signer', 'x')).code,
    ).toBe(2);
  });

  it('pins the authorities of a list that is signed by whom the operator named, and only newer ones after it', async () => {
    const operator = await listOperator();
    const pinned = join(folder, 'walked.json');
    const [cast, noAuthority] = await Promise.all([makeCast(), makeCast()]);
    const listOf = async (sequence: number) => {
      const certificates = [cast.caCertificate, noAuthority.signerCertificate];
      return fileOf(`list-${sequence}.xml`, await operator.sign(unsignedList({ certificates, sequence })));
    };
    const told = (sequence: number) =>
      `1 authority, list ${sequence} of 2026-11-10, to be renewed by 2027-02-28, signed by ${operator.signer}`;
    const named = operator.signer.toUpperCase().replace(/..(?=.)/g, '$&:');
    expect(await run('age', 'trust', 'import', await listOf(7), '--signer', named, '--out', pinned)).toEqual({
      code: 0,
      out: [
        `Pinned in ${pinned}: ${told(7)}.`,
        '1 listed certificate is of no authority that may sign proofs and was left out.',
      ],
      err: [],
    });
    expect((await run('age', 'trust', 'show', '--out', pinned)).out).toEqual([`${told(7)}.`]);
    expect((await run('age', 'trust', 'import', await listOf(8), '--out', pinned)).code).toBe(0);
    const older = await run('age', 'trust', 'import', await listOf(7), '--out', pinned);
    expect([older.code, older.err[0]]).toEqual([1, expect.stringContaining('list_rollback')]);
    expect((await run('age', 'trust', 'show', '--out', pinned)).out).toEqual([`${told(8)}.`]);
    // What a server reads is this file alone.
    const read = await readPin(await readFile(pinned, 'utf8'));
    expect(read).toMatchObject({ ok: true, pin: { anchors: [cast.caCertificate] } });
  });

  it('says why a list is refused, and changes nothing', async () => {
    const signer = 'AB:'.repeat(31).concat('AB');
    const list = await fileOf('list.xml', '<a/>');
    const { code, err } = await run('age', 'trust', 'import', list, '--out', out(), '--signer', signer);
    expect([code, err[0]]).toEqual([1, expect.stringContaining('list_type')]);
    await expect(readFile(out())).rejects.toThrow('ENOENT');
    expect((await run('age', 'trust', 'show', '--out', out())).out).toEqual([
      `Nothing is pinned in ${out()}.`,
    ]);
  });

  it('does not take a pin that it cannot read for none', async () => {
    const broken = await fileOf('broken.json', '{}');
    expect((await run('age', 'trust', 'show', '--out', broken)).err[0]).toContain('pin_malformed');
  });
});
