import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPartnerClient } from '@accord/protocol/partners';
import { expect, inject, it } from 'vitest';
import { createKey } from '../../src/partners/index.ts';
import { freshName, newAccount } from '../people.ts';
import { startProcess, temporaryData } from '../process.ts';
import { bodies } from '../samples.ts';
import { freePort, freshDatabase } from '../support.ts';

const rounds = 3;

it(`tells every decision that was acknowledged while the server is killed ${rounds} times`, async () => {
  await using database = await freshDatabase();
  const folder = await temporaryData();
  const told: { noticeId?: string; what: string[] }[] = [];
  const receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => {
      body += part.toString();
    });
    request.on('end', () => {
      told.push((JSON.parse(body) as { data: (typeof told)[number] }).data);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { port: at } = receiver.address() as AddressInfo;
  const { host, port, user } = inject('postgres');
  const apiPort = await freePort();
  const env = {
    ACCORD_DATA: folder.data,
    ACCORD_DATABASE_URL: `postgres://${user}@localhost/${database.name}?host=${encodeURIComponent(host)}&port=${port}`,
    ACCORD_LOG_LEVEL: 'silent',
    ACCORD_RATE_LIMITS: 'false',
    ACCORD_API_PORT: String(apiPort),
    ACCORD_FETCH_HOSTS: `127.0.0.1:${at}`,
    ACCORD_FETCH_PRIVATE: '127.0.0.1/32',
  };
  let server = await startProcess(env);
  await server.health(200);
  const again = { ...env, ACCORD_PUBLIC_URL: server.url };
  const moderator = await newAccount(server, freshName());
  await database.db
    .insertInto('staff_role')
    .values({ account_id: moderator.id, role: 'moderator', granted_at: new Date(), granted_by: 'test' })
    .execute();
  const key = await createKey(
    database.db,
    { name: 'a platform', scopes: ['notices'], banks: null, perMinute: 1000 },
    Date.now(),
  );
  const client = createPartnerClient({ baseUrl: `http://127.0.0.1:${apiPort}`, key });
  try {
    await client.call('webhooks.create', { body: { url: `http://127.0.0.1:${at}/` } });
    const decided: string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const body = { ...bodies['cases.file'](), reference: String(round) };
      const { noticeId, number } = await client.call('notices.file', { body });
      const { case_id: caseId } = await database.db
        .selectFrom('case_reporter')
        .select('case_id')
        .where('number', '=', number)
        .executeTakeFirstOrThrow();
      const command = { kind: 'remove', ground: 'ncii_real', words: 'w' } as const;
      await moderator.client.call('cases.command', { params: { caseId }, body: { command } });
      decided.push(noticeId);
      await server.end('SIGKILL');
      server = await startProcess(again);
      await server.health(200);
    }
    // What was under way when it was killed is left to it for a minute: that time is not waited for here.
    await database.pool.query(`update webhook_delivery set next_at = now() where state = 'waiting'`);
    await expect
      .poll(
        () => new Set(told.filter(({ what }) => what.includes('removed')).map(({ noticeId }) => noticeId)),
        {
          timeout: 30_000,
        },
      )
      .toEqual(new Set(decided));
  } finally {
    await server.end('SIGTERM');
    receiver.close();
    await folder.remove();
  }
});
