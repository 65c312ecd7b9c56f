import { type ClientFrame, closeCodes, encodeClientFrame } from '@accord/protocol/socket';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newAccount } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';
import { Wire } from './device.ts';
import { type Pair, talking } from './talk.ts';

let server: TestServer;
let pair: Pair;
let strangers: Pair;
beforeAll(async () => {
  server = await startServer();
  pair = await talking(server);
  strangers = await talking(server);
});
afterAll(() => server.close());

/** A well-made frame of each kind, about the pair's group; a kind without one does not compile. */
const samples: {
  readonly [K in ClientFrame['type']]: () => Promise<Extract<ClientFrame, { type: K }>>;
} = {
  send: async () => ({ type: 'send', ...(await pair.ada.message(pair.groupId)) }),
  ack: async () => ({ type: 'ack', ids: (await waitingFor(pair.blaise.id)).map((id) => BigInt(id)) }),
  ephemeral: async () => ({ type: 'ephemeral', groupId: pair.groupId, body: Uint8Array.of(1, 2, 3) }),
};
const kinds = Object.keys(samples) as ClientFrame['type'][];

async function waitingFor(deviceId: string): Promise<string[]> {
  const rows = await server.database.pool.query<{ id: string }>(
    'select id from inbox where device_id = $1 order by id',
    [deviceId],
  );
  return rows.rows.map(({ id }) => id);
}

describe.each(kinds)('a frame of kind %s', (kind) => {
  it('does not come in without a session or a proof of age', async () => {
    const unproved = await newAccount(server, `unproved.${kind}`);
    for (const [token, status] of [
      [undefined, 401],
      [unproved.client.token, 403],
    ] as const) {
      const wire = new Wire(server.url, token);
      wire.socket.on('open', () => wire.socket.send(new Uint8Array(1)));
      expect((await wire.ended).code).toBe(status);
    }
  });

  it('does nothing from another account', async () => {
    const sender = await pair.ada.arrive();
    await sender.send(await pair.ada.message(pair.groupId, 'something that waits'));
    await sender.close();
    const before = await waitingFor(pair.blaise.id);
    expect(before.length).toBeGreaterThan(0);
    const stranger = await strangers.ada.arrive();
    stranger.write(await samples[kind]());
    // What is answered after it shows that it was handled.
    const own = await stranger.send(await strangers.ada.message(strangers.groupId));
    expect(own.type).toBe('sent');
    if (kind === 'send') expect(stranger.answers[0]).toMatchObject({ type: 'refused', code: 'not_found' });
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await waitingFor(pair.blaise.id)).toEqual(before);
    const receiver = await pair.blaise.arrive();
    expect(receiver.frames.filter((frame) => frame.type === 'ephemeral')).toEqual([]);
    await Promise.all([stranger.close(), receiver.close()]);
  });

  it('ends the socket with one code when it is cut short, and the process stays up', async () => {
    const whole = encodeClientFrame(await samples[kind]());
    const least = { send: 42, ack: 3, ephemeral: 18 }[kind];
    for (const length of [1, least - 1]) {
      const wire = await pair.ada.arrive();
      wire.socket.send(whole.subarray(0, length));
      expect(await wire.ended).toEqual({ code: closeCodes.malformed });
    }
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
  });
});
