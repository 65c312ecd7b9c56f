import { randomUUID } from 'node:crypto';
import { mediaLimits } from '@accord/protocol';
import { decodeConsent, withdrawConsent } from '@accord/sealed-media';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, codeOf } from '../client.ts';
import { firstDevice } from '../delivery/device.ts';
import { base64url, freshName, type Member, newMember, random } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';
import {
  accept,
  acquaint,
  asked,
  policy,
  recordText,
  type Sealed,
  sealed,
  upload,
  view,
  yes,
} from './studio.ts';

let server: TestServer;
let ada: Member;
let blaise: Member;
let carla: Member;
let stranger: Member;
let now: number;
const day = 86_400_000;

beforeAll(async () => {
  now = Date.now();
  server = await startServer({ clock: () => now });
  ada = await newMember(server, freshName());
  blaise = await newMember(server, freshName());
  carla = await newMember(server, freshName());
  stranger = await newMember(server, freshName());
  await acquaint(ada, blaise);
  await acquaint(ada, carla);
});
afterAll(() => server.close());

const text = (bytes: Uint8Array) => base64url(bytes);
const uuidOf = (bytes: Uint8Array) =>
  Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

const answer = (who: Member, consentId: string, record: string | null) =>
  who.client.call('media.consents.answer', { params: { consentId }, body: { record } });
const stateOf = async (consentId: string) =>
  (await ada.client.call('media.consents.read', { params: { consentId } })).state;

/** Uploads a picture and tries to give it to Blaise on these yeses. */
const give = (picture: Sealed, consents: readonly string[], change: Parameters<typeof policy>[2] = {}) =>
  ada.client.call('media.pictures.create', {
    body: policy(picture, [blaise], {
      depicts: 'others',
      ph: text(picture.ph),
      consents: [...consents],
      ...change,
    }),
  });

async function uploaded(): Promise<Sealed> {
  const picture = await sealed();
  await upload(ada.client, picture);
  return picture;
}

describe('a member in a picture', () => {
  it('is asked with a copy for them alone, says yes, and takes it back: every copy goes dark', async () => {
    const picture = await uploaded();
    const wire = await firstDevice(server, carla).arrive();
    const { question, copy, body } = await asked(ada, carla, picture, [blaise]);
    await wire.until(({ notices }) => notices.some(({ kind }) => kind === 'consents'));
    expect(question).toMatchObject({ state: 'waiting', sealed: null, record: null, asked: carla.id });
    expect(await codeOf(give(picture, [question.consentId]))).toBe('consent_missing');

    const { asked: mine } = await carla.client.call('media.consents.list', {});
    expect(mine).toMatchObject([{ consentId: question.consentId, sealed: body.sealed, blobId: copy.blobId }]);
    expect((await view(carla.client, copy)).ks).toBe(text(copy.ks));
    expect(await carla.client.octets('media.blobs.read', { params: { blobId: copy.blobId } })).toEqual(
      copy.ciphertext,
    );
    for (const who of [blaise, stranger]) {
      expect(await codeOf(view(who.client, copy))).toBe('not_found');
      const { consentId } = question;
      expect(await codeOf(who.client.call('media.consents.read', { params: { consentId } }))).toBe(
        'not_found',
      );
    }

    const record = await yes(carla.identity.privateKey, question, [blaise]);
    const answered = await answer(carla, question.consentId, recordText(record));
    expect(answered).toMatchObject({ state: 'yes', sealed: null, record: recordText(record) });
    expect(await answer(carla, question.consentId, recordText(record))).toEqual(answered);
    expect(await codeOf(answer(carla, question.consentId, null))).toBe('not_found');
    expect(await codeOf(view(carla.client, copy))).toBe('not_found');

    const two = await sealed(0, picture.picture);
    await upload(ada.client, two);
    await give(picture, [question.consentId]);
    await give(two, [question.consentId]);
    for (const one of [picture, two]) {
      await accept(blaise, one);
      await view(blaise.client, one);
    }

    const params = { recordId: uuidOf(record.id) };
    const anybody = new Client(server.url);
    const read = await anybody.call('media.records.read', { params });
    expect(decodeConsent(new Uint8Array(Buffer.from(read.record, 'base64url')))).toEqual(record);
    expect(read.state).toBe('yes');
    const forged = await withdrawConsent(ada.identity.privateKey, record.id);
    const take = (signature: Uint8Array) =>
      anybody.call('media.records.withdraw', { params, body: { signature: text(signature) } });
    expect(await codeOf(take(forged))).toBe('not_found');
    await view(blaise.client, picture);
    const signature = await withdrawConsent(carla.identity.privateKey, record.id);
    const { withdrawnAt } = await take(signature);
    expect(await take(signature)).toEqual({ withdrawnAt });
    for (const one of [picture, two]) expect(await codeOf(view(blaise.client, one))).toBe('not_found');
    const { rowCount } = await server.database.pool.query('select from half_key where blob_id = any($1)', [
      [picture.blobId, two.blobId, copy.blobId],
    ]);
    expect(rowCount).toBe(0);
    const three = await sealed(0, picture.picture);
    await upload(ada.client, three);
    expect(await codeOf(give(three, [question.consentId]))).toBe('consent_missing');
    const { pictures } = await ada.client.call('media.pictures.list', { query: {} });
    expect(pictures.slice(0, 2).map(({ state }) => state)).toEqual(['withdrawn', 'withdrawn']);
    await wire.close();
  });

  it('takes back one of several yeses to one picture, and it goes dark whichever it stood on', async () => {
    const one = await uploaded();
    const two = await sealed(0, one.picture);
    await upload(ada.client, two);
    const records = [];
    for (const picture of [one, two]) {
      const { question } = await asked(ada, carla, picture, [blaise]);
      const record = await yes(carla.identity.privateKey, question, [blaise]);
      await answer(carla, question.consentId, recordText(record));
      await give(picture, [question.consentId]);
      await accept(blaise, picture);
      await view(blaise.client, picture);
      records.push({ record, consentId: question.consentId });
    }
    const [first] = records;
    if (first === undefined) throw new Error('nobody was asked');
    await new Client(server.url).call('media.records.withdraw', {
      params: { recordId: uuidOf(first.record.id) },
      body: { signature: text(await withdrawConsent(carla.identity.privateKey, first.record.id)) },
    });
    for (const picture of [one, two]) expect(await codeOf(view(blaise.client, picture))).toBe('not_found');
    for (const { consentId } of records) expect(await stateOf(consentId)).toBe('withdrawn');
  });

  it('says no, and nobody else’s yes helps', async () => {
    const picture = await uploaded();
    const first = await asked(ada, carla, picture, [blaise]);
    const second = await asked(ada, null, picture, [blaise]);
    expect((await answer(carla, first.question.consentId, null)).state).toBe('no');
    expect(await stateOf(first.question.consentId)).toBe('no');
    const seed = random(32);
    await new Client(server.url).call('media.links.answer', {
      params: { linkId: second.linkId },
      body: { record: recordText(await yes(seed, second.question, [blaise])) },
    });
    expect(await codeOf(give(picture, [second.question.consentId]))).toBe('consent_missing');
    expect(await codeOf(give(picture, [first.question.consentId, second.question.consentId]))).toBe(
      'consent_missing',
    );
  });

  it('does not answer, and that is a no after a week', async () => {
    const picture = await uploaded();
    const { question, copy } = await asked(ada, carla, picture, [blaise]);
    const record = recordText(await yes(carla.identity.privateKey, question, [blaise]));
    now += mediaLimits.consentDays * day;
    expect(await stateOf(question.consentId)).toBe('no');
    expect(await codeOf(answer(carla, question.consentId, record))).toBe('not_found');
    expect(await codeOf(view(carla.client, copy))).toBe('not_found');
    await server.running.housekeep();
    const { rowCount } = await server.database.pool.query('select from half_key where blob_id = $1', [
      copy.blobId,
    ]);
    expect(rowCount).toBe(0);
    // The upload that waited went with the housekeeping: once more.
    const again = await sealed(0, picture.picture);
    await upload(ada.client, again);
    expect(await codeOf(give(again, [question.consentId]))).toBe('consent_missing');
    now = Date.now();
  });

  it.each<[string, (question: { ph: string; until: number | null }) => Promise<Uint8Array | string>]>([
    [
      'another picture',
      async (q) => recordText(await yes(carla.identity.privateKey, { ...q, ph: text(random(32)) }, [blaise])),
    ],
    ['other receivers', async (q) => recordText(await yes(carla.identity.privateKey, q, [stranger]))],
    ['more receivers', async (q) => recordText(await yes(carla.identity.privateKey, q, [blaise, stranger]))],
    [
      'longer',
      async (q) => recordText(await yes(carla.identity.privateKey, { ...q, until: now + day }, [blaise])),
    ],
    [
      'from tomorrow',
      async (q) => recordText(await yes(carla.identity.privateKey, q, [blaise], { givenAt: now + day })),
    ],
    ['by the asker', async (q) => recordText(await yes(ada.identity.privateKey, q, [blaise]))],
    ['by a key of nobody', async (q) => recordText(await yes(random(32), q, [blaise]))],
    [
      'with a changed signature',
      async (q) => {
        const record = await yes(carla.identity.privateKey, q, [blaise]);
        return recordText({
          ...record,
          signature: record.signature.map((byte, at) => (at === 3 ? byte ^ 1 : byte)),
        });
      },
    ],
    ['as noise', async () => text(random(200))],
  ])('can’t have said yes to %s', async (_name, forge) => {
    const picture = await sealed();
    const { question } = await asked(ada, carla, picture, [blaise]);
    const record = (await forge(question)) as string;
    expect(await codeOf(answer(carla, question.consentId, record))).toBe('bad_consent');
    expect(await stateOf(question.consentId)).toBe('waiting');
    const { consentId } = question;
    await ada.client.call('media.consents.cancel', { params: { consentId } });
  });

  it('is asked by those they talk with, unless they want nothing of theirs', async () => {
    const picture = await sealed();
    expect(await codeOf(asked(ada, stranger, picture, [blaise]))).toBe('not_found');
    await carla.client.call('media.senders.write', {
      params: { accountId: ada.id },
      body: { mode: 'never' },
    });
    const { question, copy } = await asked(ada, carla, picture, [blaise]);
    expect(question.state).toBe('waiting');
    const { asked: mine } = await carla.client.call('media.consents.list', {});
    expect(mine.some(({ consentId }) => consentId === question.consentId)).toBe(false);
    expect(await codeOf(view(carla.client, copy))).toBe('not_found');
    await carla.client.call('media.senders.write', { params: { accountId: ada.id }, body: { mode: 'ask' } });
    await ada.client.call('media.consents.cancel', { params: { consentId: question.consentId } });
    expect(await codeOf(stateOf(question.consentId))).toBe('not_found');
  });

  it('takes their yes with them when they go', async () => {
    const picture = await uploaded();
    const dora = await newMember(server, freshName());
    await acquaint(ada, dora);
    const { question } = await asked(ada, dora, picture, [blaise]);
    await answer(
      dora,
      question.consentId,
      recordText(await yes(dora.identity.privateKey, question, [blaise])),
    );
    await give(picture, [question.consentId]);
    await accept(blaise, picture);
    await view(blaise.client, picture);
    await dora.client.call('accounts.delete', {});
    expect(await codeOf(view(blaise.client, picture))).toBe('not_found');
    expect(await stateOf(question.consentId)).toBe('withdrawn');
  });
});

describe('a policy', () => {
  it('stays within the yes that it stands on', async () => {
    const picture = await uploaded();
    const until = now + day;
    const { question } = await asked(ada, carla, picture, [blaise], { until });
    await answer(
      carla,
      question.consentId,
      recordText(await yes(carla.identity.privateKey, question, [blaise])),
    );
    const { consentId } = question;
    for (const change of [
      { expiresAt: null },
      { expiresAt: until + 1 },
      { ph: text(random(32)), expiresAt: until },
      { receivers: [blaise.id, carla.id], expiresAt: until },
      { consents: [consentId, randomUUID()], expiresAt: until },
      { consents: [], expiresAt: until },
      { ph: null, expiresAt: until },
    ]) {
      expect(await codeOf(give(picture, [consentId], change)), JSON.stringify(change)).toBe(
        'consent_missing',
      );
    }
    expect(await codeOf(give(picture, [consentId], { depicts: 'me', expiresAt: until }))).toBe(
      'invalid_input',
    );
    expect((await give(picture, [consentId], { expiresAt: until })).state).toBe('open');
  });
});

describe('somebody who is not here', () => {
  it('looks by a link, answers with a key of their own, and takes it back without an account', async () => {
    const picture = await uploaded();
    const { question, linkId, copy, body } = await asked(ada, null, picture, [blaise]);
    const anybody = new Client(server.url);
    const params = { linkId };
    const read = await anybody.call('media.links.read', { params });
    expect(read).toMatchObject({
      consentId: question.consentId,
      state: 'waiting',
      sealed: body.sealed,
      askedBy: { pseudonym: ada.pseudonym },
      receivers: [{ pseudonym: blaise.pseudonym, identityPublicKey: text(blaise.identity.publicKey) }],
    });
    expect(await anybody.octets('media.links.blob', { params })).toEqual(copy.ciphertext);
    const viewId = randomUUID();
    const look = (id: string = randomUUID()) =>
      anybody.call('media.links.view', { params, body: { viewId: id } });
    const first = await look(viewId);
    expect(first).toMatchObject({ ks: text(copy.ks), viewsLeft: mediaLimits.consentViews - 1 });
    expect(await look(viewId)).toEqual(first);
    for (let i = 1; i < mediaLimits.consentViews; i += 1) await look();
    expect(await codeOf(look())).toBe('not_found');

    for (const giver of [ada, blaise]) {
      const record = recordText(await yes(giver.identity.privateKey, question, [blaise]));
      expect(await codeOf(anybody.call('media.links.answer', { params, body: { record } }))).toBe(
        'bad_consent',
      );
    }
    const seed = random(32);
    const record = await yes(seed, question, [blaise]);
    const given = { params, body: { record: recordText(record) } };
    expect(await anybody.call('media.links.answer', given)).toEqual({ state: 'yes' });
    expect(await anybody.call('media.links.read', { params })).toMatchObject({ state: 'yes', sealed: null });
    expect(await codeOf(anybody.octets('media.links.blob', { params }))).toBe('not_found');
    expect(await codeOf(look())).toBe('not_found');

    await give(picture, [question.consentId], { depicts: 'me_and_others' });
    await accept(blaise, picture);
    await view(blaise.client, picture);
    const signature = text(await withdrawConsent(seed, record.id));
    await anybody.call('media.records.withdraw', {
      params: { recordId: uuidOf(record.id) },
      body: { signature },
    });
    expect(await codeOf(view(blaise.client, picture))).toBe('not_found');
    expect(await stateOf(question.consentId)).toBe('withdrawn');
  });

  it('is found by nobody who has the tables alone', async () => {
    const picture = await sealed();
    const { linkId } = await asked(ada, null, picture, [blaise]);
    const { rows } = await server.database.pool.query<{ all: string }>(
      'select consent::text as all from consent where by_link',
    );
    expect(rows.map((row) => row.all).join('\n')).not.toContain(linkId);
  });
});

describe('a yes and its withdrawal at once', () => {
  it('never leave a picture open', async () => {
    for (let i = 0; i < 5; i += 1) {
      const picture = await uploaded();
      const { question } = await asked(ada, carla, picture, [blaise]);
      const record = await yes(carla.identity.privateKey, question, [blaise]);
      await answer(carla, question.consentId, recordText(record));
      const signature = text(await withdrawConsent(carla.identity.privateKey, record.id));
      const params = { recordId: uuidOf(record.id) };
      await Promise.all([
        codeOf(give(picture, [question.consentId])),
        new Client(server.url).call('media.records.withdraw', { params, body: { signature } }),
      ]);
      expect(await codeOf(accept(blaise, picture))).toBe('not_found');
    }
  });
});
