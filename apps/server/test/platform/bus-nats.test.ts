import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { examineBus } from '../../src/operations/doctor.ts';
import type { Bus } from '../../src/platform/bus.ts';
import { busSubject, natsBus, natsOptions } from '../../src/platform/bus-nats.ts';
import { readConfig } from '../../src/platform/config.ts';
import { createLog } from '../../src/platform/log.ts';
import { Wire } from '../delivery/device.ts';
import { talking } from '../delivery/talk.ts';
import { freePort, freshDatabase, startServer } from '../support.ts';
import { connected, expectOrder, patience } from './bus-pair.ts';

const log = createLog('silent');
const site = new URL('https://accord.example');

/** A real nats-server on the loopback address, for one user. */
async function startNats(port: number): Promise<{ stop(): Promise<void> }> {
  const args = ['-a', '127.0.0.1', '-p', String(port), '--user', 'accord', '--pass', 'a b/c'];
  const child = spawn('nats-server', args, { stdio: 'ignore' });
  const ended = once(child, 'exit');
  await vi.waitFor(async () => {
    const probe = await connect({ ...natsOptions(urlOf(port)), reconnect: false });
    await probe.close();
  }, patience);
  return {
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

const urlOf = (port: number): string => `nats://accord:a%20b%2Fc@127.0.0.1:${port}`;

describe('the bus over NATS', () => {
  let port: number;
  let nats: Awaited<ReturnType<typeof startNats>>;
  let here: Bus;
  let there: Bus;
  beforeAll(async () => {
    port = await freePort();
    nats = await startNats(port);
  });
  afterAll(() => nats.stop());
  beforeEach(async () => {
    here = natsBus(urlOf(port), site, log);
    there = natsBus(urlOf(port), site, log);
    await connected(here, there);
  });
  afterEach(async () => {
    await here.close();
    await there.close();
  });

  it('tells the own process at once and once, the other soon and once, in order', async () => {
    await expectOrder(here, there);
  });

  it('carries any number of ids, and says nothing to a service under another address', async () => {
    const elsewhere = natsBus(urlOf(port), new URL('https://other.example'), log);
    onTestFinished(() => elsewhere.close());
    const deviceIds = Array.from({ length: 50_000 }, () => randomUUID());
    const got: string[] = [];
    const strange = vi.fn();
    elsewhere.subscribe('inbox', strange);
    there.subscribe('inbox', (event) => got.push(...event.deviceIds));
    here.publish('inbox', { deviceIds });
    await vi.waitFor(() => expect(got.length).toBe(deviceIds.length), patience);
    expect(got).toEqual(deviceIds);
    expect(strange).not.toHaveBeenCalled();
  });

  it('comes back when the server does, and all say that they may have missed something', async () => {
    const gaps = [vi.fn(), vi.fn()];
    here.subscribe('gap', gaps[0] as () => void);
    there.subscribe('gap', gaps[1] as () => void);
    await nats.stop();
    const own: string[] = [];
    here.subscribe('revoked', ({ accountId }) => own.push(accountId));
    here.publish('revoked', { accountId: 'meanwhile' });
    expect(own).toEqual(['meanwhile']);
    nats = await startNats(port);
    await vi.waitFor(() => {
      for (const gap of gaps) expect(gap).toHaveBeenCalled();
    }, patience);
    await connected(here, there);
  });

  it('is not harmed by what is no event', async () => {
    const stranger = await connect(natsOptions(urlOf(port)));
    onTestFinished(() => stranger.close());
    const heard = vi.fn();
    there.subscribe('revoked', heard);
    for (const words of ['', '{', '[]', '[1,2,3]', '["a","revoked"', 'null'])
      stranger.publish(busSubject(site), words);
    await stranger.flush();
    expect(heard).not.toHaveBeenCalled();
    await connected(here, there);
  });

  it('is looked at by the doctor', async () => {
    const config = (url: string) => readConfig({ ACCORD_NATS_URL: url });
    expect(await examineBus(readConfig({}))).toEqual([]);
    expect(await examineBus(config(urlOf(port)))).toMatchObject([{ state: 'ok' }]);
    const wrong = await examineBus(config(`nats://accord:hush@127.0.0.1:${port}`));
    expect(wrong).toMatchObject([{ state: 'fail' }]);
    expect(JSON.stringify(wrong)).not.toContain('hush');
    expect(await examineBus(config(`nats://127.0.0.1:${await freePort()}`))).toMatchObject([
      { state: 'fail' },
    ]);
  });

  it('brings a message that is sent at one process to a socket at another', async () => {
    const env = { ACCORD_NATS_URL: urlOf(port), ACCORD_PUBLIC_URL: `http://localhost:${await freePort()}` };
    await using database = await freshDatabase();
    await using one = await startServer({ database, env });
    await using other = await startServer({
      database,
      env: { ...env, ACCORD_PORT: String(await freePort()) },
    });
    const { ada, blaise, groupId } = await talking(one);
    const receiver = new Wire(other.running.address.origin, blaise.client.token, { origin: one.url });
    await receiver.until((wire) => wire.frames.some((frame) => frame.type === 'caught-up'));
    const sender = await ada.arrive();
    for (let i = 0; i < 20; i += 1) {
      expect(await sender.send(await ada.message(groupId, `line ${i}`))).toMatchObject({ type: 'sent' });
    }
    const arrived = () => receiver.items.filter(({ kind }) => kind === 'message');
    await receiver.until(() => arrived().length === 20);
    const words: string[] = [];
    for (const item of arrived()) words.push(await blaise.read(item));
    expect(words).toEqual(Array.from({ length: 20 }, (_, i) => `line ${i}`));
    await Promise.all([sender.close(), receiver.close()]);
  });
});
