import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonical } from '../../src/cases/canonical.ts';
import { verifyFolder } from '../../src/cases/verify.mjs';
import type { Member } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';
import { file, give, newStaff, remove } from './staff.ts';

let server: TestServer;
let mod: Member;
let lawyer: Member;
let folder: string;
let files: readonly { readonly name: string; readonly text: string }[];
let caseId: string;
const run = promisify(execFile);

beforeAll(async () => {
  server = await startServer();
  [mod, lawyer] = [await newStaff(server, 'moderator'), await newStaff(server, 'legal')];
  ({ caseId } = await file(server));
  await give(mod, caseId, { kind: 'message', to: 'note', words: 'Élégant "quotes" \u2028 & <b>' });
  await give(mod, caseId, remove);
  ({ files } = await lawyer.client.call('cases.evidence', { params: { caseId }, body: {} }));
  folder = await mkdtemp(join(tmpdir(), 'accord-evidence-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await server.close();
});

const log = () =>
  files
    .find(({ name }) => name === 'log.jsonl')
    ?.text.trimEnd()
    .split('\n') ?? [];

async function written(lines: readonly string[] = log()): Promise<string> {
  for (const { name, text } of files) await writeFile(join(folder, name), text);
  await writeFile(join(folder, 'log.jsonl'), `${lines.join('\n')}\n`);
  return folder;
}

describe('an export', () => {
  it('is whole, by our verifier and by the one that lies in it', async () => {
    await written();
    const result = verifyFolder(folder);
    expect(result).toMatchObject({ ok: true, caseId, entries: log().length });
    const { stdout } = await run(process.execPath, [join(folder, 'verify.mjs')]);
    expect(stdout).toContain(`${log().length} entries of case ${caseId}, whole`);
  });

  it('records that it was read and exported', async () => {
    const types = log().map((line) => JSON.parse(JSON.parse(line).entry).type);
    expect(types.at(-1)).toBe('evidence_exported');
  });

  it('names the first entry of which one byte was altered, wherever it is', async () => {
    for (const [index, line] of log().entries()) {
      const sealed = JSON.parse(line);
      const at = Math.floor(sealed.entry.length / 2);
      const other = sealed.entry[at] === 'x' ? 'y' : 'x';
      const altered = { ...sealed, entry: sealed.entry.slice(0, at) + other + sealed.entry.slice(at + 1) };
      await written(log().map((each, i) => (i === index ? JSON.stringify(altered) : each)));
      expect(verifyFolder(folder)).toMatchObject({ ok: false, badEntry: index + 1 });
    }
  });

  it('names the first entry that was left out, the last one too', async () => {
    for (const index of log().keys()) {
      await written(log().filter((_, i) => i !== index));
      expect(verifyFolder(folder)).toMatchObject({ ok: false, badEntry: index + 1 });
    }
  });

  it('names the first of two that changed places, and one that was doubled', async () => {
    const [first = '', second = '', ...rest] = log();
    await written([second, first, ...rest]);
    expect(verifyFolder(folder)).toMatchObject({ ok: false, badEntry: 1 });
    await written([first, first, second, ...rest]);
    expect(verifyFolder(folder)).toMatchObject({ ok: false, badEntry: 2 });
  });

  it('is refused with another key, another manifest or another list of items', async () => {
    const manifest = JSON.parse(files.find(({ name }) => name === 'manifest.json')?.text ?? '');
    await written();
    await writeFile(
      join(folder, 'manifest.json'),
      JSON.stringify({ ...manifest, manifest: manifest.manifest.replace(caseId, caseId.replace(/.$/, '0')) }),
    );
    expect(verifyFolder(folder).ok).toBe(false);
    await written();
    await writeFile(join(folder, 'items.json'), '[]\n');
    expect(verifyFolder(folder).sentence).toContain('items.json');
  });

  it('goes by the program’s own exit code', async () => {
    await written(log().slice(1));
    await expect(run(process.execPath, [join(folder, 'verify.mjs'), folder])).rejects.toMatchObject({
      code: 1,
    });
  });

  it('has no hash of a picture before two agreed, and then that one alone', async () => {
    const items = (list: typeof files) =>
      JSON.parse(list.find(({ name }) => name === 'items.json')?.text ?? '[]');
    expect(items(files).some((item: object) => 'pdq' in item)).toBe(false);
    const second = await newStaff(server, 'second_reviewer');
    const itemId = items(files).find(({ kind }: { kind: string }) => kind === 'hash').id;
    const asked = await give(mod, caseId, {
      kind: 'ask_approval',
      action: 'export_hash',
      words: 'w',
      ground: null,
      itemId,
    });
    const params = { approvalId: asked.openProposals[0]?.id ?? '' };
    await second.client.call('cases.approvals.answer', { params, body: { yes: true } });
    const again = await lawyer.client.call('cases.evidence', { params: { caseId }, body: {} });
    expect(items(again.files).find(({ id }: { id: string }) => id === itemId).pdq).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('canonical JSON (RFC 8785)', () => {
  it('orders keys by UTF-16 and writes what its appendix does', () => {
    const sample = {
      numbers: [333333333.3333333, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(canonical(sample)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
    expect(
      canonical({ '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude02': 5, '\u0080': 6, '\u00f6': 7 }),
    ).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😂":5,"\ufb33":3}');
  });
  it('refuses what has no canonical text', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, '\ud800', () => 0]) {
      expect(() => canonical(value)).toThrow(TypeError);
    }
  });
});
