import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCluster } from '../../../../test/postgres.ts';
import { compose, type Running } from '../../src/compose.ts';
import { startCluster, stopCluster } from '../../src/platform/cluster.ts';
import { readConfig } from '../../src/platform/config.ts';
import { withClient } from '../../src/platform/database.ts';
import { createLog } from '../../src/platform/log.ts';
import { codeOf } from '../client.ts';
import { base64url } from '../people.ts';
import { freePort } from '../support.ts';
import type { Wire } from './device.ts';
import { type Pair, talking } from './talk.ts';

type Cluster = Awaited<ReturnType<typeof startTestCluster>>;
let data: string;
let cluster: Cluster;
let server: Running;
let pair: Pair;

beforeAll(async () => {
  // A cluster of its own: it is stopped while others work on theirs.
  cluster = await startTestCluster(18);
  data = await mkdtemp(join(tmpdir(), 'accord-files-'));
  await chmod(data, 0o711);
  const port = await freePort();
  const config = readConfig({
    ACCORD_PUBLIC_URL: `http://localhost:${port}`,
    ACCORD_LOG_LEVEL: 'silent',
    ACCORD_RATE_LIMITS: 'false',
    ACCORD_DATA: data,
  });
  server = await compose(config, {
    database: { ...cluster.connection, database: 'postgres' },
    log: createLog('silent'),
    clock: Date.now,
  });
  pair = await talking({ url: config.publicUrl.origin });
});
afterAll(async () => {
  await server.stop();
  await cluster.stop();
  await rm(data, { recursive: true });
});

/** Sends a device's outbox as ours do: in order, and what is answered `unavailable` again before anything later. */
async function sendAll(wire: Wire, outbox: Awaited<ReturnType<Pair['ada']['message']>>[]): Promise<number> {
  let refusals = 0;
  for (const message of outbox) {
    for (;;) {
      const answer = await wire.send(message);
      if (answer.type === 'sent') break;
      expect(answer.code).toBe('unavailable');
      refusals += 1;
      await sleep(100);
    }
  }
  return refusals;
}

describe('a database that goes away', () => {
  it('loses nothing that was answered, keeps sockets and process, and delivers when it is back', async () => {
    const { ada, blaise, groupId } = pair;
    const [wire, receiver] = [await ada.arrive(), await blaise.arrive()];
    const outbox: Awaited<ReturnType<typeof ada.message>>[] = [];
    for (let i = 0; i < 40; i += 1) outbox.push(await ada.message(groupId, `line ${i}`));
    await sendAll(wire, outbox.slice(0, 10));
    await stopCluster(cluster.cluster, 'immediate');
    const back = sleep(4000).then(() => startCluster(cluster.cluster));
    const refused = await wire.send(outbox[10] as (typeof outbox)[0]);
    expect(refused).toMatchObject({ type: 'refused', code: 'unavailable' });
    // Later ones must not overtake it, or its resend would count as stored.
    expect(await wire.send(outbox[12] as (typeof outbox)[0])).toMatchObject({ code: 'unavailable' });
    const http = ada.client.call('delivery.conversations.list', {});
    expect(await codeOf(http)).toBe('unavailable');
    await sendAll(wire, outbox.slice(10));
    await back;
    await receiver.until((each) => each.items.length >= outbox.length, 30_000);
    const bodies = receiver.items.map((item) => base64url(item.body));
    expect(bodies).toEqual(outbox.map((message) => base64url(message.body)));
    receiver.ack(...receiver.items);
    expect([wire.open, receiver.open]).toEqual([true, true]);
    await Promise.all([wire.close(), receiver.close()]);
  });

  it('stays in order through connections that are cut again and again', async () => {
    const { ada, blaise, groupId } = pair;
    const [wire, receiver] = [await ada.arrive(), await blaise.arrive()];
    const had = receiver.items.length;
    const outbox: Awaited<ReturnType<typeof ada.message>>[] = [];
    for (let i = 0; i < 120; i += 1) outbox.push(await ada.message(groupId, `cut ${i}`));
    let done = false;
    const cutting = (async () => {
      while (!done) {
        await sleep(60);
        await withClient({ ...cluster.connection, database: 'template1' }, (client) =>
          client.query(
            `select pg_terminate_backend(pid) from pg_stat_activity where datname = 'postgres' and pid <> pg_backend_pid()`,
          ),
        );
      }
    })();
    await sendAll(wire, outbox);
    done = true;
    await cutting;
    await receiver.until((each) => new Set(each.items.slice(had).map((item) => item.id)).size >= 120, 30_000);
    const ids = receiver.items.slice(had).map((item) => item.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(receiver.items.slice(had).map((item) => base64url(item.body))).toEqual(
      outbox.map((message) => base64url(message.body)),
    );
    await Promise.all([wire.close(), receiver.close()]);
  });
});
