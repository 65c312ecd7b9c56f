import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { consent, encodeConsent, type Report, type ReportedMessage } from '@accord/sealed-media';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Media } from '../../src/media/index.ts';
import { file, give, newStaff, remove } from '../cases/staff.ts';
import { Tipline } from '../cases/tipline.ts';
import { codeOf } from '../client.ts';
import { uuidBytes } from '../delivery/device.ts';
import { ask, byOwner, newKey } from '../matching/pictures.ts';
import { base64url, freshName, type Member, newMember, random } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';
import { type Proving, proving } from './proving.ts';
import { handIn, view } from './studio.ts';

const tipline = new Tipline();
let server: TestServer;
let media: Media;
let talk: Proving;
let pair: Proving['pair'];
let said: Proving['said'];
let seen: Proving['seen'];
let ada: Member;
let blaise: Member;

beforeAll(async () => {
  server = await startServer({
    env: { ACCORD_CYBERTIP_URL: await tipline.start(), ACCORD_CYBERTIP_AUTH: 'esp:word' },
  });
  media = server.running.features.media;
  talk = await proving(server);
  ({ pair, said, seen } = talk);
  [ada, blaise] = pair.members;
});
afterAll(async () => {
  await talk.close();
  await server.close();
  tipline.stop();
});

const words = (text: string) => new TextEncoder().encode(text);
const report = (...messages: ReportedMessage[]): Report => ({
  reason: 'unwanted_pictures',
  words: 'It came without being asked for.',
  messages,
});

async function opened(reportId: string) {
  const found = await media.openReport(reportId);
  if (found === undefined) throw new Error('no such report');
  return found;
}

describe('a report with proof', () => {
  it('shows the desk what was said, by whom and when', async () => {
    const message: ReportedMessage = {
      kind: 'text',
      ks: null,
      ...(await said(words('unkind words'), random(32))),
    };
    const reportId = randomUUID();
    expect(await handIn(blaise, report(message), reportId)).toEqual({ reportId, verified: true });
    expect(await handIn(blaise, report(message), reportId)).toEqual({ reportId, verified: true });
    const found = await opened(reportId);
    expect(found).toMatchObject({
      byId: blaise.id,
      aboutId: ada.id,
      verified: true,
      reason: 'unwanted_pictures',
      words: 'It came without being asked for.',
      items: [
        {
          kind: 'text',
          proof: 'verified',
          senderId: ada.id,
          sentAt: message.context.at,
          text: 'unkind words',
          picture: null,
        },
      ],
    });
    expect((await media.reports({ closed: false })).map(({ id }) => id)).toContain(reportId);
  });

  it('becomes a case, whose picture a moderator uncovers, counted, and an admin does not', async () => {
    const { one, message } = await seen();
    const reportId = randomUUID();
    await handIn(blaise, { reason: 'ncii', words: 'Not theirs to show.', messages: [message] }, reportId);
    const { rounds } = server.running.features.cases;
    await rounds.round();
    await rounds.round();
    const made = await server.platform.db
      .selectFrom('case_item')
      .select('case_id')
      .where('report_id', '=', reportId)
      .execute();
    expect(made).toHaveLength(1);
    const caseId = made[0]?.case_id ?? '';
    const [moderator, admin] = [await newStaff(server, 'moderator'), await newStaff(server, 'admin')];
    const { items } = await moderator.client.call('cases.read', { params: { caseId } });
    const item = items.find(({ kind }) => kind === 'message');
    expect(item).toMatchObject({ proof: 'verified', picture: true });
    const input = { params: { caseId, itemId: item?.id ?? '' }, body: {} };
    const shown = await moderator.client.call('cases.reveal', input);
    expect(Buffer.from(shown.bytes, 'base64').equals(one.picture)).toBe(true);
    expect(shown.revealsInHour).toBe(1);
    expect(await codeOf(admin.client.call('cases.reveal', input))).toBe('not_found');
    // In another case of the same picture it is there to be laid beside, for those who may see this one.
    const pdqHex = (await opened(reportId)).items[0]?.picture?.pdq ?? '';
    const same = { h: base64url(Buffer.from(pdqHex, 'hex')), q: 90, parts: '', regions: '', source: false };
    const second = await file(server, { pictures: [same] });
    const matches = await moderator.client.call('cases.matches', { params: { caseId: second.caseId } });
    expect(matches.items[0]?.banked).toContainEqual(
      expect.objectContaining({ distance: 0, caseId, pictureItem: item?.id }),
    );
    // An owner who is refused because of it shows two yeses: to this very picture, and to another.
    const answer = await ask(server.url, await byOwner(await newKey(), Buffer.from(pdqHex, 'hex')));
    if (answer.outcome !== 'refused') throw new Error('not refused');
    const { seed, publicKey: giver } = await newKey();
    const yesTo = async (ph: Uint8Array) => {
      const terms = { id: random(16), giver, ph, receivers: [random(32)], until: null, givenAt: 0 };
      return { record: base64url(encodeConsent(await consent(seed, terms))) };
    };
    const records = [await yesTo(one.ph), await yesTo(random(32))];
    await server.running.features.cases.desk.refused.show(
      {
        code: Buffer.from(answer.appeal).toString('hex'),
        records: JSON.stringify({ format: 'accord-yeses/1', records }),
        words: '',
      },
      '127.0.0.1',
    );
    const { events } = await moderator.client.call('cases.read', { params: { caseId } });
    const body = events.find(({ type }) => type === 'consent_shown')?.body;
    expect(body).toMatchObject({ records: 2, genuine: 2, givers: 1, samePicture: 1 });
    const removed = await give(moderator, caseId, remove);
    expect(removed).toMatchObject({
      phase: 'removed',
      reveals: 1,
      sweeps: [{ coverage: { complete: true } }],
    });
  });

  it('goes to NCMEC with its picture, once, whatever fails on the way', async () => {
    const { one, message } = await seen();
    const text: ReportedMessage = { kind: 'text', ks: null, ...(await said(words('unkind'), random(32))) };
    const reportId = randomUUID();
    await handIn(blaise, { reason: 'minor', words: 'A child.', messages: [text, message] }, reportId);
    const { rounds } = server.running.features.cases;
    await rounds.round();
    const { db } = server.platform;
    const { case_id: caseId, id: itemId } = await db
      .selectFrom('case_item')
      .select(['case_id', 'id'])
      .where('report_id', '=', reportId)
      .where('report_place', '=', 1)
      .executeTakeFirstOrThrow();
    const lead = await newStaff(server, 'child_safety');
    const receipts = () =>
      db
        .selectFrom('child_safety_report')
        .select(['receipt_id', 'test'])
        .where('case_id', '=', caseId)
        .where('receipt_id', 'is not', null)
        .execute();
    const filing = async (...troubles: [path: string, how: 'refused' | 'lost'][]) => {
      const before = (await receipts()).length;
      tipline.calls.length = 0;
      tipline.troubles.push(...troubles.map(([path, how]) => ({ path, how })));
      await give(lead, caseId, { kind: 'file_child_safety', incident: 'Child Pornography', words: 'w' });
      for (let left = troubles.length; left > 0; left -= 1) {
        await expect.poll(() => tipline.troubles.length).toBeLessThan(left);
        expect(await receipts()).toHaveLength(before);
        const error = db.selectFrom('case_work').select('error').where('kind', '=', 'child_safety');
        await expect.poll(async () => (await error.executeTakeFirst())?.error ?? null).not.toBeNull();
        await db
          .updateTable('case_work')
          .set({ next_at: new Date(0), error: null })
          .execute();
        await rounds.round();
      }
      await expect.poll(async () => (await receipts()).length).toBe(before + 1);
      const finished = tipline.finished();
      expect(finished).toHaveLength(before + 1);
      const files = [...(finished.at(-1)?.files.values() ?? [])];
      expect(files.map(({ bytes }) => bytes.equals(one.picture))).toEqual([true]);
      expect(files[0]?.infos).toHaveLength(1);
      return { calls: tipline.calls.map((call) => call.replace(' true', '')), info: files[0]?.infos[0] };
    };

    const plain = await filing();
    expect(plain.calls).toEqual(['/submit', '/upload', '/fileinfo', '/finish']);
    expect(plain.info).toContain('<fileViewedByEsp>false</fileViewedByEsp>');
    const shown = await lead.client.call('cases.reveal', { params: { caseId, itemId }, body: {} });
    expect(Buffer.from(shown.bytes, 'base64').equals(one.picture)).toBe(true);
    expect((await filing()).info).toContain('<fileViewedByEsp>true</fileViewedByEsp>');

    for (const how of ['refused', 'lost'] as const) {
      for (const path of ['/submit', '/upload', '/fileinfo']) await filing([path, how]);
      expect((await filing(['/finish', how])).calls).toEqual([...plain.calls, '/finish']);
    }
    const again = await filing(['/upload', 'lost'], ['/retract', 'lost']);
    expect(again.calls).toEqual(['/submit', '/upload', '/retract', '/retract', ...plain.calls]);

    // A base that is not NCMEC's own gives receipts, and files nothing.
    expect((await receipts()).every(({ test }) => test)).toBe(true);
    const { safety } = await lead.client.call('cases.read', { params: { caseId } });
    expect(safety).toMatchObject({ receiptId: null, preservedUntil: null });
  });

  it('opens a view-once picture that its receiver can open no more', async () => {
    const { one, message } = await seen();
    expect(await codeOf(view(blaise.client, one))).toBe('not_found');
    const { reportId, verified } = await handIn(blaise, report(message));
    expect(verified).toBe(true);
    const [item] = (await opened(reportId)).items;
    expect(item?.picture).toMatchObject({
      blobId: one.blobId,
      found: 'opened',
      place: 0,
      type: 'image/webp',
    });
    const shown = await media.openReportedPicture(reportId, 0);
    expect(new Uint8Array(shown?.bytes ?? [])).toEqual(one.picture);
  });

  it('opens one that was taken back since, with the half that the reporting device had', async () => {
    const { one, message, ks } = await seen();
    await ada.client.call('media.pictures.revoke', { params: { blobId: one.blobId } });
    const without = await handIn(blaise, report(message));
    expect((await opened(without.reportId)).items[0]?.picture).toMatchObject({ found: 'gone', place: null });
    const { reportId } = await handIn(blaise, report({ ...message, ks }));
    expect((await opened(reportId)).items[0]?.picture?.found).toBe('opened');
    const wrong = await handIn(blaise, report({ ...message, ks: random(32) }));
    expect((await opened(wrong.reportId)).items[0]?.picture?.found).toBe('mismatch');
  });

  it('says of each message why it proves nothing, and names nobody', async () => {
    const { message } = await seen();
    const other = await said(words('true'), random(32));
    const forged: [ReportedMessage, string][] = [
      [{ ...message, tag: random(32) }, 'tag_not_authentic'],
      [
        { ...message, context: { ...message.context, deviceId: uuidBytes(pair.blaise.id) } },
        'tag_not_authentic',
      ],
      [{ ...message, context: { ...message.context, at: message.context.at + 1 } }, 'tag_not_authentic'],
      [{ ...message, kid: random(8) }, 'unknown_key'],
      [{ ...message, kf: random(32) }, 'franking_mismatch'],
      [{ kind: 'text', ks: null, ...other, content: words('false') }, 'franking_mismatch'],
    ];
    const { reportId, verified } = await handIn(blaise, report(...forged.map(([one]) => one)));
    expect(verified).toBe(false);
    const found = await opened(reportId);
    expect(found.items.map(({ proof }) => proof)).toEqual(forged.map(([, proof]) => proof));
    expect(found).toMatchObject({ aboutId: null, verified: false });
    for (const item of found.items) {
      expect(item).toMatchObject({ senderId: null, sentAt: null });
      expect(item.picture?.place ?? null).toBeNull();
    }
    const text = { kind: 'picture' as const, ks: null, ...other };
    const malformed = await handIn(blaise, report(text));
    expect((await opened(malformed.reportId)).items[0]).toMatchObject({ proof: 'malformed', picture: null });
    expect((await handIn(blaise, report())).verified).toBe(false);
  });

  it('is refused where it can’t be opened or read', async () => {
    const { moderation } = await blaise.client.call('media.keys.read', {});
    const create = (kid: string, sealed: Uint8Array) =>
      blaise.client.call('media.reports.create', {
        body: { reportId: randomUUID(), kid, sealed: base64url(sealed) },
      });
    expect(await codeOf(create(moderation.kid, random(3000)))).toBe('bad_report');
    expect(await codeOf(create(base64url(random(8)), random(3000)))).toBe('bad_report');
    expect(await codeOf(handIn(blaise, { ...report(), reason: 'made_up' }))).toBe('bad_report');
    const taken = randomUUID();
    await handIn(blaise, report(), taken);
    const other = await newMember(server, freshName());
    expect(await codeOf(handIn(other, report(), taken))).toBe('not_found');
  });

  it('lies sealed, and its evidence goes when it is closed', async () => {
    const { one, message } = await seen();
    const { reportId } = await handIn(blaise, { ...report(message), words: 'a sentence to look for' });
    const { rows } = await server.database.pool.query<{ all: string }>(
      "select encode(sealed, 'escape') as all from media_report where id = $1",
      [reportId],
    );
    expect(rows[0]?.all).not.toContain('a sentence to look for');
    const [name = ''] = await server.platform.blobs.list(`reports/${reportId}/`);
    const file = await readFile(join(server.platform.folder, 'blobs', name));
    expect(file.includes(Buffer.from(one.picture.subarray(60, 100)))).toBe(false);
    expect(await media.closeReport(reportId)).toBe(true);
    expect(await media.closeReport(reportId)).toBe(false);
    expect(await media.openReport(reportId)).toBeUndefined();
    expect(await media.openReportedPicture(reportId, 0)).toBeUndefined();
    expect(await readdir(join(server.platform.folder, 'blobs', 'reports', reportId))).toEqual([]);
    expect((await media.reports({ closed: true })).map(({ id }) => id)).toContain(reportId);
  });
});

describe('a sealed picture whose report was never stored', () => {
  it('is removed by the second round that finds it alone', async () => {
    const { blobs } = server.running.platform;
    const name = `reports/${randomUUID()}/0`;
    await blobs.put(name, Buffer.from('sealed'));
    await server.running.housekeep();
    expect(await blobs.get(name)).toBeDefined();
    await server.running.housekeep();
    expect(await blobs.get(name)).toBeUndefined();
  });
});
