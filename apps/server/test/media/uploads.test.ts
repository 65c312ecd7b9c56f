import { randomUUID } from 'node:crypto';
import { mediaLimits } from '@accord/protocol';
import { maxPictureBytes } from '@accord/sealed-media';
import { afterAll, describe, expect, it } from 'vitest';
import { codeOf } from '../client.ts';
import { base64url, random } from '../people.ts';
import { friends, mediaStage, policy, sealed, sha256, upload } from './studio.ts';

let now = Date.now();
const hour = 3_600_000;
const { server, ada, blaise, stranger, housekeep: round, hasHalfKey } = await mediaStage(() => now);
afterAll(() => server.close());

describe('an upload', () => {
  it('has the limits of the package', () => {
    const chunks = maxPictureBytes / 65_536;
    expect(mediaLimits.ciphertextBytes).toBe(33 + maxPictureBytes + 16 * chunks);
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
});
