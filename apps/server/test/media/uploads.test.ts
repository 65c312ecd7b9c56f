import { randomUUID } from 'node:crypto';
import { mediaLimits } from '@accord/protocol';
import { maxPictureBytes } from '@accord/sealed-media';
import { afterAll, describe, expect, it } from 'vitest';
import { codeOf } from '../client.ts';
import { base64url, random } from '../people.ts';
import { stores } from '../platform/object-store.ts';
import { friends, mediaStage, policy, sealed, sent, sha256, upload } from './studio.ts';

let now = Date.now();
const hour = 3_600_000;

it('has the limits of the package', () => {
  const chunks = maxPictureBytes / 65_536;
  expect(mediaLimits.ciphertextBytes).toBe(33 + maxPictureBytes + 16 * chunks);
});

describe.each(stores)('an upload to %s', async (_, open) => {
  const store = await open();
  const stage = await mediaStage(() => now, store.env);
  const { server, ada, blaise, stranger, housekeep: round, hasHalfKey } = stage;
  afterAll(async () => {
    await server.close();
    await store.close();
  });

  it('leaves nothing behind that no row knows of: parts at once, wholes a folder in each round', async () => {
    const { blobs } = server.platform;
    const kept = await sealed();
    await upload(ada.client, kept);
    const stray = (folder: string) => `pictures/${folder}/${folder}${randomUUID().slice(2)}`;
    const [part, whole, next] = [`parts/${randomUUID()}/000000000`, stray('00'), stray('01')];
    for (const name of [part, whole, next]) await blobs.put(name, random(9));
    const left = async () =>
      Promise.all([part, whole, next].map(async (name) => (await blobs.get(name))?.length));
    await round();
    expect(await left()).toEqual([undefined, undefined, 9]);
    await round();
    expect(await left()).toEqual([undefined, undefined, undefined]);
    const params = { blobId: kept.blobId };
    expect(await ada.client.octets('media.blobs.read', { params })).toEqual(kept.ciphertext);
  });

  it('goes on where it stopped, takes a part twice, and refuses a gap', async () => {
    const one = await sealed(200_000);
    const { client } = ada;
    const params = { blobId: one.blobId };
    const body = { blobId: one.blobId, size: one.ciphertext.length, cth: base64url(sha256(one.ciphertext)) };
    expect(await client.call('media.blobs.begin', { body })).toEqual({ offset: 0, complete: false });
    const append = (offset: number, end: number) =>
      client.call('media.blobs.append', {
        params,
        query: { offset: String(offset) },
        body: one.ciphertext.slice(offset, end),
      });
    expect((await append(0, 70_000)).offset).toBe(70_000);
    expect((await append(0, 70_000)).offset).toBe(70_000);
    expect(await codeOf(append(80_000, 90_000))).toBe('wrong_offset');
    expect(await codeOf(append(60_000, 90_000))).toBe('wrong_offset');
    expect(await codeOf(client.call('media.blobs.complete', { params, body: {} }))).toBe('wrong_offset');
    expect(await client.call('media.blobs.begin', { body })).toEqual({ offset: 70_000, complete: false });
    expect((await append(70_000, 150_000)).offset).toBe(150_000);
    expect(await client.call('media.blobs.state', { params })).toEqual({ offset: 150_000, complete: false });
    await append(150_000, one.ciphertext.length);
    const whole = { offset: one.ciphertext.length, complete: true };
    expect(await client.call('media.blobs.complete', { params, body: {} })).toEqual(whole);
    expect(await client.call('media.blobs.complete', { params, body: {} })).toEqual(whole);
    expect(await client.call('media.blobs.begin', { body })).toEqual(whole);
    const back = await client.octets('media.blobs.read', { params });
    expect(back).toEqual(one.ciphertext);
    expect(await server.platform.blobs.list(`parts/${one.blobId}/`)).toEqual([]);
  });

  it('is fetched again from where a download broke, and nothing is behind its end', async () => {
    const one = await sealed(90_000);
    await upload(ada.client, one);
    const size = one.ciphertext.length;
    const fetched = async (range: string) => {
      const answer = await fetch(`${server.url}/api/media/blobs/${one.blobId}`, {
        headers: { cookie: `accord_session=${ada.client.token}`, range },
      });
      const { status, headers } = answer;
      const bytes = new Uint8Array(await answer.arrayBuffer());
      return { status, range: headers.get('content-range'), bytes };
    };
    for (const from of [1, 65_536, size - 1]) {
      expect(await fetched(`bytes=${from}-`)).toEqual({
        status: 206,
        range: `bytes ${from}-${size - 1}/${size}`,
        bytes: one.ciphertext.slice(from),
      });
    }
    for (const range of ['bytes=0-', 'bytes=-5', 'bytes=3-5', 'bytes=0-1,3-4', 'lines=4-']) {
      expect(await fetched(range)).toEqual({ status: 200, range: null, bytes: one.ciphertext });
    }
    expect(await fetched(`bytes=${size}-`)).toMatchObject({ status: 404 });
  });

  it('begins anew when the whole is not what was announced', async () => {
    const one = await sealed();
    const other = { ...one, ciphertext: one.ciphertext.map((byte, at) => (at === 99 ? byte ^ 1 : byte)) };
    const begun = { blobId: one.blobId, size: one.ciphertext.length, cth: base64url(sha256(one.ciphertext)) };
    await ada.client.call('media.blobs.begin', { body: begun });
    const params = { blobId: one.blobId };
    await ada.client.call('media.blobs.append', { params, query: { offset: '0' }, body: other.ciphertext });
    expect(await codeOf(ada.client.call('media.blobs.complete', { params, body: {} }))).toBe('bad_upload');
    await upload(ada.client, one);
    expect((await ada.client.call('media.blobs.state', { params })).complete).toBe(true);
  });

  it('is another’s to nobody, and no picture before it is complete', async () => {
    const one = await sealed();
    const begun = { blobId: one.blobId, size: one.ciphertext.length, cth: base64url(sha256(one.ciphertext)) };
    await ada.client.call('media.blobs.begin', { body: begun });
    expect(await codeOf(stranger.client.call('media.blobs.begin', { body: begun }))).toBe('not_found');
    const body = policy(one, [blaise]);
    expect(await codeOf(ada.client.call('media.pictures.create', { body }))).toBe('not_found');
    expect(await hasHalfKey(one.blobId)).toBe(false);
  });

  it('has its room: no more begun than one can finish', async () => {
    const [eve] = await friends(server);
    const begin = () =>
      eve.client.call('media.blobs.begin', {
        body: { blobId: randomUUID(), size: 1000, cth: base64url(random(32)) },
      });
    for (let i = 0; i < 10; i += 1) await begin();
    expect(await codeOf(begin())).toBe('no_room');
    now += 25 * hour;
    await round();
    await begin();
    now = Date.now();
  });

  it('is purged when it is over: ciphertexts after three days, rows after a month, unused ones after one', async () => {
    const [carla, dino] = await friends(server);
    const unused = await sealed();
    await upload(carla.client, unused);
    const one = await sent(carla, [dino]);
    await carla.client.call('media.pictures.revoke', { params: { blobId: one.blobId } });
    const rows = async () =>
      (
        await server.database.pool.query<{ id: string; gone: boolean }>(
          'select id, removed_at is not null as gone from media_blob where id = any($1)',
          [[unused.blobId, one.blobId]],
        )
      ).rows;
    const files = async () =>
      (await server.platform.blobs.list('pictures/')).filter(
        (name) => name.endsWith(unused.blobId) || name.endsWith(one.blobId),
      ).length;
    expect(await files()).toBe(2);
    now += 25 * hour;
    await round();
    expect([await rows(), await files()]).toEqual([[{ id: one.blobId, gone: false }], 1]);
    now += 48 * hour;
    await round();
    expect([await rows(), await files()]).toEqual([[{ id: one.blobId, gone: true }], 0]);
    now += 30 * 24 * hour;
    await round();
    expect(await rows()).toEqual([]);
    now = Date.now();
  });
});
