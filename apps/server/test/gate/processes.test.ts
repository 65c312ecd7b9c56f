import { writeFile } from 'node:fs/promises';
import { createServer, request as pass, type Server } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forgetPepper } from '../../src/gate/index.ts';
import { codeOf } from '../client.ts';
import { freshName, newAccount } from '../people.ts';
import { type FreshDatabase, freePort, freshDatabase, startServer, type TestServer } from '../support.ts';
import {
  answerByApp,
  beginByWallet,
  browserAnswer,
  codeIn,
  finish,
  issuerNow,
  type TestIssuer,
  testIssuer,
} from './issuer.ts';

let issuer: TestIssuer;
let database: FreshDatabase;
let balancer: Server;
let url: string;
/** To whom the balancer passes what comes next. */
let next: TestServer;

beforeEach(async () => {
  [issuer, database] = [await testIssuer(), await freshDatabase()];
  const port = await freePort();
  url = `http://localhost:${port}`;
  balancer = createServer((request, response) => {
    const { method, url: path, headers } = request;
    const { host, port } = next.running.address;
    const onward = pass({ hostname: '127.0.0.1', port, method, path, headers: { ...headers, host } });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => balancer.listen(port, '127.0.0.1', resolve));
});
afterEach(async () => {
  balancer.closeAllConnections();
  balancer.close();
  await database.close();
  await issuer[Symbol.asyncDispose]();
});

/** A process on the one database, behind the one public address. */
async function startAnother(folder = issuer.folder): Promise<TestServer> {
  return startServer({
    clock: () => issuerNow,
    database,
    env: {
      ACCORD_PUBLIC_URL: url,
      ACCORD_PORT: String(await freePort()),
      ACCORD_BUS: 'postgres',
      ACCORD_AGE_METHODS: 'wallet',
      ACCORD_AGE_POLICY: 'eu',
      ACCORD_DATA: folder,
    },
  });
}

describe('several processes on one database', () => {
  it('finish what one began that is gone, and take an attestation once among them', async () => {
    const first = await startAnother();
    await using second = await startAnother();
    next = first;
    const someone = async () => (await newAccount({ url }, freshName())).client;
    const [byLink, byCode, ...rivals] = [await someone(), await someone(), await someone(), await someone()];
    const [link, code] = [await beginByWallet(byLink, 'link'), await beginByWallet(byCode, 'code')];
    const back = await answerByApp(link, await issuer.wallet());
    // The same attestation by two accounts at the same instant, each to its process.
    const wallet = await issuer.wallet();
    const shown = [];
    for (const client of rivals) {
      const begun = await beginByWallet(client, 'browser');
      shown.push([begun, await browserAnswer(begun, wallet, 'org-iso-mdoc', url)] as const);
    }
    const ends = shown.map(([begun, answer], i) => {
      next = i === 0 ? first : second;
      return codeOf(finish(rivals[i] ?? byLink, begun, answer));
    });
    expect((await Promise.all(ends)).sort()).toEqual(['no refusal', 'proof_refused']);

    next = second;
    await first.close();
    expect((await finish(byLink, link, codeIn(back))).adult.method).toBe('wallet');
    await answerByApp(code, await issuer.wallet());
    expect((await finish(byCode, code, '')).adult.method).toBe('wallet');
  });

  it('have one pepper: who has another does not start, until the lost one is forgotten', async () => {
    next = await startAnother();
    const { client } = await newAccount({ url }, freshName());
    const wallet = await issuer.wallet();
    const show = async () => {
      const begun = await beginByWallet(client, 'browser');
      return codeOf(finish(client, begun, await browserAnswer(begun, wallet, 'org-iso-mdoc', url)));
    };
    expect([await show(), await show()]).toEqual(['no refusal', 'proof_refused']);
    await next.close();
    await writeFile(join(issuer.folder, 'age-pepper'), Buffer.alloc(32, 1));
    await expect(startAnother()).rejects.toThrow(
      /age-pepper is not the pepper that this database's proofs of age are under: .* age pepper forget\.$/,
    );
    expect(await forgetPepper(database.db)).toBe(1);
    next = await startAnother();
    expect(await show()).toBe('no refusal');
    await next.close();
  });
});
