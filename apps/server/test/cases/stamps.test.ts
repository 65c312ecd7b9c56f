import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkStamp, StampError, stampRequest, tokenOf } from '../../src/cases/timestamp.mjs';
import { verifyFolder } from '../../src/cases/verify.mjs';
import type { Member } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';
import { Authority, hasOpenssl } from './authority.ts';
import { file, give, newStaff, remove } from './staff.ts';

const hash = createHash('sha256').update('an entry').digest();
const nonce = Buffer.from('80ff00112233445a', 'hex');
let folder: string;
let authority: Authority;
let url: string;
let root: string;

beforeAll(async () => {
  if (!hasOpenssl) return;
  folder = await mkdtemp(join(tmpdir(), 'accord-tsa-'));
  authority = new Authority(folder);
  url = await authority.start();
  root = await readFile(authority.path('ca.pem'), 'utf8');
});
afterAll(async () => {
  authority?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

const refusal = (check: () => unknown): string => {
  try {
    check();
  } catch (error) {
    if (error instanceof StampError) return error.message;
    throw error;
  }
  return 'none';
};

describe.skipIf(!hasOpenssl)('a time stamp', () => {
  let token: Buffer;
  beforeAll(async () => {
    token = tokenOf(await authority.answer(stampRequest(hash, nonce)));
  });

  it('of OpenSSL’s authority is taken, by its own certificate and by its issuer’s, and OpenSSL agrees', async () => {
    const stamp = checkStamp(token, { hash, certificates: root, nonce });
    expect(Math.abs(stamp.at - Date.now())).toBeLessThan(600_000);
    expect(stamp.policy).toBe('1.2.3.4.1');
    const own = await readFile(authority.path('tsa.pem'), 'utf8');
    expect(checkStamp(token, { hash, certificates: own })).toEqual(stamp);
    expect(await authority.verifies(token, hash)).toBe(true);
  });

  it('is refused for anything else: hash, nonce, policy, certificate, purpose, a denial', async () => {
    const asked = { hash, certificates: root, nonce };
    const other = createHash('sha256').update('another').digest();
    expect(refusal(() => checkStamp(token, { ...asked, hash: other }))).toBe('is of something else');
    expect(refusal(() => checkStamp(token, { ...asked, nonce: randomBytes(8) }))).toBe(
      'answers another question',
    );
    expect(refusal(() => checkStamp(token, { ...asked, policy: '1.2.3.4.5' }))).toBe(
      'is under another policy',
    );
    const under = tokenOf(await authority.answer(stampRequest(hash, nonce, '1.2.3.4.5')));
    expect(checkStamp(under, { ...asked, policy: '1.2.3.4.5' }).policy).toBe('1.2.3.4.5');
    const denied = await authority.answer(stampRequest(hash, nonce, '1.2.3.9')).catch(() => undefined);
    if (denied !== undefined) expect(refusal(() => tokenOf(denied))).toBe('was not granted');
    const stranger = await readFile(await authority.certificate('stranger', 'ca', '30', 'stranger'), 'utf8');
    expect(refusal(() => checkStamp(token, { ...asked, certificates: stranger }))).toBe(
      'is signed by a certificate that no pinned one vouches for',
    );
    expect(refusal(() => checkStamp(token, { ...asked, certificates: '' }))).toContain('no pinned one');
  });

  it('is refused with any one bit of what it says or is signed with turned', async () => {
    const whole = checkStamp(token, { hash, certificates: root, nonce });
    const own = await readFile(authority.path('tsa.pem'), 'utf8');
    let taken = 0;
    for (let at = 0; at < token.length; at += 1) {
      const bent = Buffer.from(token);
      bent.writeUInt8(bent.readUInt8(at) ^ (1 << (at % 8)), at);
      const said = (() => {
        try {
          return checkStamp(bent, { hash, certificates: own, nonce });
        } catch (error) {
          expect(error, `byte ${at}`).toBeInstanceOf(StampError);
          return undefined;
        }
      })();
      // Only what no signature covers may change: the copy of a certificate that is pinned anyway, names that nobody reads.
      if (said !== undefined) {
        expect(said).toEqual(whole);
        taken += 1;
      }
    }
    expect(taken).toBeLessThan(token.length * 0.75);
    for (let end = 0; end < token.length; end += 7)
      expect(refusal(() => checkStamp(token.subarray(0, end), { hash, certificates: root }))).not.toBe(
        'none',
      );
    expect(
      refusal(() => checkStamp(Buffer.concat([token, Buffer.from([0])]), { hash, certificates: root })),
    ).not.toBe('none');
  });
});

describe.skipIf(!hasOpenssl)('a chain to a pinned root', () => {
  /** A name, what it is made for, and who issued it; the first one is the signer. */
  type Link = readonly [name: string, made: string, issuer: string, over?: 'over'];
  let count = 0;

  /** What we and OpenSSL say of a token by a fresh signer below these, of which the token has those that are `given`. */
  async function judged(links: readonly Link[], given = links.slice(1).map(([name]) => name)) {
    count += 1;
    const fresh = (name: string) => (name === 'ca' ? name : `${name}${count}`);
    for (const [name, made, issuer, over] of links.toReversed()) {
      if (over) await authority.pastCertificate(fresh(name), made, fresh(issuer));
      else await authority.certificate(fresh(name), made, '30', fresh(issuer));
    }
    const [signer = ''] = links[0] ?? [];
    const answer = await authority.answer(stampRequest(hash, nonce), fresh(signer), ...given.map(fresh));
    const token = tokenOf(answer);
    return [
      refusal(() => checkStamp(token, { hash, certificates: root, nonce })),
      await authority.verifies(token, hash),
    ];
  }
  const unvouched = 'is signed by a certificate that no pinned one vouches for';
  const two: readonly Link[] = [
    ['signer', 'tsa', 'lower'],
    ['lower', 'ca', 'upper'],
    ['upper', 'ca', 'ca'],
  ];

  it('is followed over every step, whatever the order, and OpenSSL agrees', async () => {
    expect(await judged(two)).toEqual(['none', true]);
    expect(await judged(two, ['upper', 'ca', 'lower'])).toEqual(['none', true]);
    const narrow: Link = ['lower', 'narrow', 'upper'];
    expect(await judged([['signer', 'tsa', 'lower'], narrow, ['upper', 'ca', 'ca']])).toEqual(['none', true]);
  });

  it('is refused with a step missing, not made to issue, too long for who stands above, or over', async () => {
    expect(await judged(two, ['lower'])).toEqual([unvouched, false]);
    expect(await judged(two, ['upper'])).toEqual([unvouched, false]);
    const [signer, lower, upper] = two as [Link, Link, Link];
    expect(await judged([signer, ['lower', 'nobody', 'upper'], upper])).toEqual([unvouched, false]);
    expect(await judged([signer, lower, ['upper', 'narrow', 'ca']])).toEqual([unvouched, false]);
    expect(await judged([signer, ['lower', 'ca', 'upper', 'over'], upper])).toEqual([unvouched, false]);
    // Of names this reader knows nothing, and so takes none that are limited; OpenSSL finds no name to limit here.
    expect((await judged([signer, ['lower', 'named', 'upper'], upper]))[0]).toBe(unvouched);
  });
});

describe.skipIf(!hasOpenssl)('evidence', () => {
  let server: TestServer;
  let mod: Member;
  let lawyer: Member;
  let now = Date.now();
  const round = () => server.running.features.cases.rounds.round();
  const stamps = (caseId: string) =>
    server.platform.db
      .selectFrom('evidence_stamp')
      .select(['seq', 'token', 'error'])
      .where('case_id', '=', caseId)
      .orderBy('seq')
      .execute();

  beforeAll(async () => {
    server = await startServer({
      clock: () => now,
      env: { ACCORD_TSA_URL: url, ACCORD_TSA_CERTIFICATE: authority.path('ca.pem') },
    });
    [mod, lawyer] = [await newStaff(server, 'moderator'), await newStaff(server, 'legal')];
  });
  afterAll(() => server.close());

  async function exported(caseId: string): Promise<string> {
    const { files } = await lawyer.client.call('cases.evidence', { params: { caseId }, body: {} });
    const at = await mkdtemp(join(folder, 'evidence-'));
    for (const { name, text } of files) await writeFile(join(at, name), text);
    return at;
  }

  it('is stamped where it matters, and its export says so offline; a token of another entry is named', async () => {
    const { caseId } = await file(server);
    await give(mod, caseId, remove);
    await round();
    const given = await stamps(caseId);
    expect(given.length).toBeGreaterThanOrEqual(3);
    expect(given.every(({ token }) => token !== null)).toBe(true);
    const at = await exported(caseId);
    const result = verifyFolder(at);
    expect(result.ok).toBe(true);
    expect(result.sentence.match(/was there by/g)).toHaveLength(given.length);

    // Whoever holds our key signs another export; the authority's word they can't change.
    const list = JSON.parse(await readFile(join(at, 'stamps.json'), 'utf8'));
    [list[0].token, list[1].token] = [list[1].token, list[0].token];
    await writeFile(join(at, 'stamps.json'), JSON.stringify(list));
    expect(verifyFolder(at)).toMatchObject({ ok: false, sentence: 'stamps.json was altered.' });
  });

  it('waits for an authority that is away, and takes nothing that does not hold', async () => {
    authority.down = true;
    const { caseId } = await file(server);
    await round();
    expect(await stamps(caseId)).toMatchObject([{ token: null, error: expect.stringContaining('503') }]);
    authority.down = false;
    const old = await authority.answer(stampRequest(hash, nonce));
    authority.instead = () => old;
    now += 3_600_000;
    await round();
    expect(await stamps(caseId)).toMatchObject([{ token: null, error: 'is of something else' }]);
    authority.instead = undefined;
    now += 3_600_000;
    await round();
    expect((await stamps(caseId))[0]?.token).not.toBeNull();
    expect(verifyFolder(await exported(caseId)).ok).toBe(true);
  });
});
