import { randomBytes, randomUUID } from 'node:crypto';
import { closeCodes } from '@accord/protocol/socket';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newAccount } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';
import { Wire } from './device.ts';
import { type Pair, talking } from './talk.ts';

let server: TestServer;
let pair: Pair;
beforeAll(async () => {
  server = await startServer();
  pair = await talking(server);
});
afterAll(() => server.close());

const codeIn = (body: string | undefined) => (JSON.parse(body ?? '{}') as { code?: string }).code;

describe('the door of the socket', () => {
  it('opens to an enrolled device with a proof of age, and to nobody else', async () => {
    const unproved = await newAccount(server, `young${Date.now() % 1e6}`);
    const refusals: [string | undefined, Record<string, string>, number, string][] = [
      [undefined, {}, 401, 'session_required'],
      [randomBytes(32).toString('base64url'), {}, 401, 'session_required'],
      ['=;"garbage', {}, 401, 'session_required'],
      [unproved.client.token, {}, 403, 'proof_required'],
      [pair.ada.client.token, { origin: 'http://elsewhere.example' }, 403, 'foreign_origin'],
      [pair.ada.client.token, { 'sec-fetch-site': 'cross-site' }, 403, 'foreign_origin'],
    ];
    for (const [token, headers, status, code] of refusals) {
      const ended = await new Wire(server.url, token, headers).ended;
      expect([ended.code, codeIn(ended.body)]).toEqual([status, code]);
    }
  });

  it('closes when the session ends, and tells why', async () => {
    const other = await talking(server);
    const wire = await other.ada.arrive();
    await other.ada.client.call('accounts.signOut', { body: {} });
    expect(await wire.ended).toEqual({ code: closeCodes.sessionEnded });
    expect(wire.notices).toContainEqual({ kind: 'session_ended' });
  });

  it('is one to a device: the newer replaces the older', async () => {
    const older = await pair.ada.arrive();
    const newer = await pair.ada.arrive();
    expect(await older.ended).toEqual({ code: closeCodes.replaced });
    expect(older.notices).toEqual([{ kind: 'replaced' }]);
    expect(await newer.send(await pair.ada.message(pair.groupId))).toMatchObject({ type: 'sent' });
    await newer.close();
  });
});

describe('what comes over a socket', () => {
  /** Any bytes but a frame that keeps its layout. */
  const garbage = fc.oneof(
    fc
      .uint8Array({ maxLength: 200 })
      .filter((bytes) => bytes[0] === undefined || bytes[0] === 0 || bytes[0] > 3),
    fc.uint8Array({ minLength: 0, maxLength: 32 }).map((bytes) => Uint8Array.of(1, ...bytes)),
    fc.uint8Array({ minLength: 3, maxLength: 40 }).map((bytes) => Uint8Array.of(2, 255, ...bytes)),
    fc.uint8Array({ maxLength: 15 }).map((bytes) => Uint8Array.of(3, ...bytes)),
  );

  it('ends with one code when it keeps no layout, and harms nobody else', async () => {
    const bystander = await pair.blaise.arrive();
    await fc.assert(
      fc.asyncProperty(garbage, async (bytes) => {
        const wire = await pair.ada.arrive();
        wire.socket.send(bytes);
        expect(await wire.ended).toEqual({ code: closeCodes.malformed });
      }),
      { numRuns: 40 },
    );
    const text = await pair.ada.arrive();
    text.socket.send('{"type":"send"}');
    expect(await text.ended).toEqual({ code: closeCodes.malformed });
    expect(bystander.open).toBe(true);
    await bystander.close();
  });

  it('ends by the protocol of sockets itself when a frame is enormous or is none', async () => {
    const large = await pair.ada.arrive();
    large.socket.send(new Uint8Array(300_000));
    expect(await large.ended).toEqual({ code: 1009 });
    const bent = await pair.ada.arrive();
    (bent.socket as unknown as { _socket: { write(bytes: Uint8Array): void } })._socket.write(
      randomBytes(64),
    );
    expect([1002, 1006, 1007, 1009]).toContain((await bent.ended).code);
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
  });

  it('may be any valid frame of nonsense: refused by name or dropped, and the socket stays', async () => {
    const wire = await pair.ada.arrive();
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 400 }),
        fc.integer({ min: 1, max: 2 ** 40 }),
        async (body, n) => {
          const frame = { n, oldest: 1, groupId: randomUUID(), epoch: 1, body };
          expect(await wire.send(frame)).toMatchObject({ type: 'refused', code: 'invalid_input', n });
          wire.write({ type: 'ephemeral', groupId: frame.groupId, body });
          wire.write({ type: 'ack', ids: [BigInt(n)] });
        },
      ),
      { numRuns: 40 },
    );
    expect(wire.open).toBe(true);
    await wire.close();
  });
});

describe('typing', () => {
  it('reaches the other members, is never stored, and not from strangers nor in floods', async () => {
    const other = await talking(server);
    const [wire, receiver, stranger] = [
      await pair.ada.arrive(),
      await pair.blaise.arrive(),
      await other.ada.arrive(),
    ];
    const body = Uint8Array.of(1, 2, 3);
    stranger.write({ type: 'ephemeral', groupId: pair.groupId, body: Uint8Array.of(9) });
    for (let i = 0; i < 50; i += 1) wire.write({ type: 'ephemeral', groupId: pair.groupId, body });
    await receiver.until((each) => each.frames.some((frame) => frame.type === 'ephemeral'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const told = receiver.frames.filter((frame) => frame.type === 'ephemeral');
    expect(told[0]).toEqual({ type: 'ephemeral', groupId: pair.groupId, body });
    expect(told.some((frame) => frame.body[0] === 9)).toBe(false);
    expect(told.length).toBeLessThanOrEqual(12);
    await Promise.all([wire, receiver, stranger].map((each) => each.close()));
    expect((await server.database.pool.query('select from inbox where octet_length(body) = 3')).rows).toEqual(
      [],
    );
  });
});

describe('a socket that fails', () => {
  it('in the middle of sending loses nothing that is sent again, and stores nothing twice', async () => {
    const { ada, blaise, groupId } = await talking(server);
    const outbox: Awaited<ReturnType<typeof ada.message>>[] = [];
    for (let i = 0; i < 60; i += 1) outbox.push(await ada.message(groupId, `line ${i}`));
    let answered = 0;
    for (let round = 0; answered < outbox.length; round += 1) {
      const wire = await ada.arrive();
      for (const each of outbox.slice(answered)) wire.write({ type: 'send', ...each });
      if (round < 6) {
        // A batch may answer for all but one or two of them before the cut.
        const few = Math.min(3, outbox.length - answered);
        await wire.until((each) => each.answers.length >= few);
        wire.socket.terminate();
        await wire.ended;
      } else await wire.until((each) => each.answers.length === outbox.length - answered);
      answered += wire.answers.filter((answer) => answer.type === 'sent').length;
    }
    const receiver = await blaise.arrive();
    const read: string[] = [];
    for (const item of receiver.items) read.push(await blaise.read(item));
    expect(read).toEqual(outbox.map((_, i) => `line ${i}`));
    await receiver.close();
  });

  it('to read is fed no more than it can take, and all of it in the end', async () => {
    const { ada, blaise, groupId } = await talking(server);
    const slow = await blaise.arrive();
    slow.socket.pause();
    const wire = await ada.arrive();
    const words = 'x'.repeat(30_000);
    const total = 400;
    for (let i = 0; i < total; i += 1) wire.write({ type: 'send', ...(await ada.message(groupId, words)) });
    await wire.until((each) => each.answers.length === total, 60_000);
    slow.socket.resume();
    let acked = 0;
    const all = new Set<bigint>();
    while (all.size < total) {
      await slow.until((each) => each.items.length > acked, 30_000);
      const fresh = slow.items.slice(acked);
      acked += fresh.length;
      for (const item of fresh) all.add(item.id);
      slow.ack(...fresh);
    }
    expect(slow.items.length).toBe(total);
    expect(slow.items.map((item) => item.id)).toEqual([...all].sort((a, b) => Number(a - b)));
    await Promise.all([wire.close(), slow.close()]);
  });
});

describe('a proof of age that runs out', () => {
  it('ends the socket within a minute or so', async () => {
    const wire = await pair.ada.arrive();
    await server.database.pool.query(`update adult set until = '2020-01-01' where account_id = $1`, [
      pair.members[0].id,
    ]);
    expect(await Promise.race([wire.ended, new Promise((resolve) => setTimeout(resolve, 65_000))])).toEqual({
      code: closeCodes.proofRequired,
    });
    expect(wire.notices).toContainEqual({ kind: 'proof_required' });
  });
});
