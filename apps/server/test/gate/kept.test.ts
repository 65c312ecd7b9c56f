import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pinName } from '@accord/age-proof/trust';
import { expect, it } from 'vitest';
import { createLog } from '../../src/platform/log.ts';
import { codeOf } from '../client.ts';
import { addressOf, freshName, newAccount } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';
import {
  answerByApp,
  beginByWallet,
  browserAnswer,
  codeIn,
  finish,
  issuerNow,
  requestOf,
  testIssuer,
} from './issuer.ts';

/** Every file under a folder, with what is in it. */
async function* filesUnder(folder: string): AsyncGenerator<readonly [string, Buffer]> {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    // A file of the database may go while we look.
    const content = await readFile(path).catch(() => undefined);
    if (content !== undefined) yield [path, content];
  }
}

/** Where the test's database and the log of its writes lie on the disk. */
async function databaseFolders({ database }: TestServer): Promise<readonly string[]> {
  const { rows } = await database.pool.query<{ folder: string; oid: string }>(
    `select current_setting('data_directory') as folder,
       (select oid::text from pg_database where datname = current_database()) as oid`,
  );
  const { folder = '', oid = '' } = rows[0] ?? {};
  await database.pool.query('checkpoint');
  return [join(folder, 'base', oid), join(folder, 'pg_wal')];
}

/** A needle as it could have been written: raw, in hexadecimal, in either base64. */
const spellings = (needle: Buffer): readonly Buffer[] => [
  needle,
  ...(['hex', 'base64', 'base64url'] as const).map((encoding) =>
    Buffer.from(needle.toString(encoding).replace(/=+$/, '').slice(0, -1)),
  ),
];

it('leaves nothing of a proof in the database, its files, the log or the data folder', async () => {
  await using issuer = await testIssuer();
  const lines: Buffer[] = [];
  const log = createLog(
    'trace',
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(Buffer.from(chunk));
        done();
      },
    }),
  );
  await using server = await startServer({
    clock: () => issuerNow,
    log,
    env: { ACCORD_AGE_METHODS: 'wallet', ACCORD_AGE_POLICY: 'eu', ACCORD_DATA: issuer.folder },
  });
  const needles = new Map<string, Buffer>([
    ['the signer’s certificate', Buffer.from(issuer.cast.signerCertificate.subarray(20, 80))],
    ['the name space', Buffer.from('eu.europa.ec.av')],
    ['a response', Buffer.from('vp_token')],
    [
      'a device’s key',
      Buffer.from(await crypto.subtle.exportKey('raw', issuer.cast.wallet.publicKey)).subarray(1),
    ],
  ]);
  const someone = async () => (await newAccount(server, freshName())).client;

  // Good, refused and abandoned ones, by every way.
  const byBrowser = await beginByWallet(await someone(), 'browser');
  const asked = requestOf(byBrowser, 'openid4vp-v1-unsigned') as { nonce: string };
  needles.set('a nonce', Buffer.from(asked.nonce, 'base64url'));
  const iso = requestOf(byBrowser, 'org-iso-mdoc') as { encryptionInfo: string };
  needles.set('a key of a request', Buffer.from(iso.encryptionInfo, 'base64url').subarray(-40));
  for (const protocol of ['openid4vp-v1-unsigned', 'org-iso-mdoc'] as const) {
    for (const adult of [true, false]) {
      const client = await someone();
      const begun = await beginByWallet(client, 'browser');
      const answer = await browserAnswer(begun, await issuer.wallet(adult), protocol, server.url);
      if (adult && protocol === 'openid4vp-v1-unsigned') {
        const { data } = JSON.parse(answer) as { data: { vp_token: { age: [string] } } };
        const response = Buffer.from(data.vp_token.age[0], 'base64url');
        needles.set('what the issuer signed', response.subarray(400, 440));
        needles.set('the device’s signature', response.subarray(-64));
      }
      expect(await codeOf(finish(client, begun, answer))).toBe(adult ? 'no refusal' : 'proof_refused');
    }
  }
  for (const way of ['link', 'code'] as const) {
    const client = await someone();
    const begun = await beginByWallet(client, way);
    needles.set(
      `a state by ${way}`,
      Buffer.from(addressOf(begun).searchParams.get('state') ?? '', 'base64url'),
    );
    const back = await answerByApp(begun, await issuer.wallet());
    if (back !== undefined) needles.set('a code', Buffer.from(codeIn(back), 'base64url'));
    expect(await codeOf(finish(client, begun, codeIn(back)))).toBe('no refusal');
  }

  const found: string[] = [];
  const look = (where: string, content: Buffer) => {
    for (const [what, needle] of needles) {
      if (spellings(needle).some((one) => content.includes(one))) found.push(`${what} in ${where}`);
    }
  };
  const { rows: tables } = await server.database.pool.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'public'",
  );
  for (const { name } of tables) {
    const { rows } = await server.database.pool.query(`select t::text as row from "${name}" t`);
    look(`table ${name}`, Buffer.from(rows.map(({ row }) => row as string).join('\n')));
  }
  let files = 0;
  for (const folder of [issuer.folder, ...(await databaseFolders(server))]) {
    for await (const [path, content] of filesUnder(folder)) {
      files += 1;
      look(path, content);
    }
  }
  look('the log', Buffer.concat(lines));
  look('the counters', Buffer.from(await server.platform.metrics.metrics()));
  expect(found).toEqual([]);
  // The looking itself works: what must be there is found.
  expect(files).toBeGreaterThan(20);
  expect(lines.length).toBeGreaterThan(20);
  look('a control', Buffer.from(`… ${asked.nonce} …`));
  expect(found).toEqual(['a nonce in a control']);
  expect(await readdir(issuer.folder)).toEqual(expect.arrayContaining(['age-pepper', pinName]));
});
