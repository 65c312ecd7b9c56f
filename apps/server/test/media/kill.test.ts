import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { withClient } from '../../src/platform/database.ts';
import { managedCluster, managedSettings } from '../../src/platform/managed-postgres.ts';
import { Refused } from '../client.ts';
import { base64url, type Member } from '../people.ts';
import { type MortalServer, mortalServer } from '../process.ts';
import { manyPictures } from './many.ts';
import { accept, attested, friends, policy, type Sealed, sealed, sent, sha256, view } from './studio.ts';

const rounds = 6;
let server: MortalServer;
let ada: Member;
let blaise: Member;

beforeAll(async () => {
  server = await mortalServer();
  [ada, blaise] = await friends(server);
}, 180_000);
afterAll(() => server.remove());

/** A device that sends pictures, step by step, and remembers what was acknowledged. */
interface Sending {
  readonly one: Sealed;
  acknowledged: number;
  complete: boolean;
  created: boolean;
  revoked: boolean;
}

const partBytes = 40_000;

/** Takes the next step that is not acknowledged yet; throws when the server goes away meanwhile. */
async function step(sending: Sending, revoke: boolean): Promise<void> {
  const { one } = sending;
  const { client } = ada;
  const params = { blobId: one.blobId };
  const size = one.ciphertext.length;
  if (!sending.complete) {
    const begun = { blobId: one.blobId, size, cth: base64url(sha256(one.ciphertext)) };
    const state = await client.call('media.blobs.begin', { body: begun });
    // What was acknowledged is there, whoever was killed.
    expect(state.offset).toBeGreaterThanOrEqual(sending.acknowledged);
    let { offset } = state;
    while (offset < size) {
      const body = one.ciphertext.slice(offset, offset + partBytes);
      ({ offset } = await client.call('media.blobs.append', {
        params,
        query: { offset: String(offset) },
        body,
      }));
      sending.acknowledged = offset;
    }
    await client.call('media.blobs.complete', { params, body: {} });
    sending.complete = true;
  }
  if (!sending.created) {
    await attested(server.url, one);
    await client.call('media.pictures.create', { body: policy(one, [blaise]) });
    sending.created = true;
  }
  if (revoke) {
    await client.call('media.pictures.revoke', { params });
    sending.revoked = true;
  }
}

const patiently = async (work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    // A server that is killed answers nothing; one that starts, 503. Everything else is a finding.
    if (error instanceof Refused && error.status < 500) throw error;
    if (!(error instanceof Refused || error instanceof TypeError)) throw error;
  }
};

it(`loses nothing acknowledged and shows nothing half-sent while the server is killed ${rounds} times`, async () => {
  const sendings: Sending[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const sending = {
      one: await sealed(150_000),
      acknowledged: 0,
      complete: false,
      created: false,
      revoked: false,
    };
    sendings.push(sending);
    const working = patiently(() => step(sending, round % 3 === 2));
    // From the first part to well after the last step.
    await sleep(20 + round * 150 + Math.random() * 100);
    await Promise.all([working, server.kill()]);
    await server.start();
  }
  const slots = await readFile(join(server.data, 'half-keys', 'slots'));
  let seen = 0;
  for (const [round, sending] of sendings.entries()) {
    const { one } = sending;
    const shown = await accept(blaise, one).then(
      async () => base64url(new Uint8Array(Buffer.from((await view(blaise.client, one)).ks, 'base64url'))),
      () => undefined,
    );
    if (sending.revoked) {
      expect(shown).toBeUndefined();
      expect(slots.includes(Buffer.from(one.ks))).toBe(false);
    } else if (sending.created && round % 3 !== 2) expect(shown).toBe(base64url(one.ks));
    if (shown === undefined) continue;
    seen += 1;
    // What is shown at all is whole.
    expect(shown).toBe(base64url(one.ks));
    expect(await blaise.client.octets('media.blobs.read', { params: { blobId: one.blobId } })).toEqual(
      one.ciphertext,
    );
  }
  // Each sending goes on where it stopped, and ends well.
  for (const sending of sendings) await step(sending, false);
  for (const { one, revoked } of sendings) {
    if (revoked) continue;
    await accept(blaise, one);
    expect((await view(blaise.client, one)).ks).toBe(base64url(one.ks));
    expect(await blaise.client.octets('media.blobs.read', { params: { blobId: one.blobId } })).toEqual(
      one.ciphertext,
    );
  }
  console.log(
    `killed ${rounds} times: ${sendings.filter(({ created }) => created).length} sent, ${seen} of them were whole at the end of the killing, ${sendings.filter(({ revoked }) => revoked).length} taken back`,
  );
}, 300_000);

/** How the table of pictures and the notes of taking back look now; the database outlives a killed server. */
async function taken() {
  return withClient(managedSettings(await managedCluster(server.data)), async (client) => {
    const { rows } = await client.query<{ open: number; noted: number; keys: number }>(
      `select (select count(*)::int from picture where owner_id = $1 and ended_why is distinct from 'revoked') as open,
              (select count(*)::int from picture_take_back) as noted,
              (select count(*)::int from half_key) as keys`,
      [ada.id],
    );
    return rows[0];
  });
}

const dark = async (one: Sealed, from: Member, to: Member) => {
  await expect(view(to.client, one)).rejects.toMatchObject({ status: 404 });
  const { pictures } = await from.client.call('media.pictures.list', { query: {} });
  expect(new Set(pictures.map(({ state }) => state))).toEqual(new Set(['revoked']));
};

it('counts a view that was answered, however soon the server is killed', async () => {
  const one = await sent(ada, [blaise], { maxViews: 1 });
  await accept(blaise, one);
  await view(blaise.client, one);
  await server.kill();
  await server.start();
  await expect(view(blaise.client, one, randomUUID())).rejects.toMatchObject({ status: 404 });
}, 120_000);

it('finishes after a kill what was being taken back, and says the truth meanwhile', async () => {
  const [one, other] = [await sent(ada, [blaise]), await sent(blaise, [ada])];
  await accept(blaise, one);
  await accept(ada, other);
  const settings = managedSettings(await managedCluster(server.data));
  const copies = 20_000;
  await withClient(settings, (client) =>
    manyPictures(client, { ownerId: ada.id, receiverIds: [blaise.id], copies, data: server.data }),
  );
  const slots = () => readFile(join(server.data, 'half-keys', 'slots'));
  const before = await slots();
  const { revoked } = await ada.client.call('media.pictures.revokeAll', {});
  await server.kill();
  expect(revoked).toBeGreaterThan(copies);
  const after = await slots();
  for (let at = before.length - copies * 64; at < before.length; at += 64) {
    expect(before.compare(after, at, at + 64, at, at + 64)).not.toBe(0);
  }
  // In the middle of it: no half-key but the other's, most rows as they were.
  expect(await taken()).toMatchObject({ noted: 1, keys: 1 });
  expect((await taken())?.open).toBeGreaterThan(copies / 2);
  // Another who had come no further than the note.
  await withClient(settings, (client) =>
    client.query('insert into picture_take_back (owner_id, at) values ($1, now())', [blaise.id]),
  );
  await server.start();
  await dark(one, ada, blaise);
  await dark(other, blaise, ada);
  await vi.waitFor(async () => expect(await taken()).toEqual({ open: 0, noted: 0, keys: 0 }), 60_000);
  await dark(one, ada, blaise);
  expect((await slots()).includes(Buffer.from(other.ks))).toBe(false);
}, 120_000);
