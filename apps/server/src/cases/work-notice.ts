import { composeNotice, noticeSilenceMs, noticeTries, type RequestLaw } from '@accord/law';
import { change } from './ledger.ts';
import { type Parts, system } from './parts.ts';
import type { Doing } from './works.ts';

/** A notice as it goes out: where the picture is, what the law asks, since when. */
export async function composedNotice(parts: Parts, caseId: string, noticeId: string) {
  const { db, config } = parts.platform;
  const notice = await db
    .selectFrom('case_notice')
    .innerJoin('desk_case', 'desk_case.id', 'case_notice.case_id')
    .select(['recipient', 'law', 'language', 'reference', 'first_at', 'desk_case.state'])
    .where('case_notice.id', '=', noticeId)
    .where('case_notice.case_id', '=', caseId)
    .executeTakeFirst();
  if (notice === undefined) return undefined;
  const places = await db
    .selectFrom('case_item')
    .select('place')
    .where('case_id', '=', caseId)
    .where('kind', '=', 'place')
    .orderBy('id')
    .execute();
  const composed = composeNotice(notice.law as RequestLaw, notice.language, {
    reference: notice.reference,
    addresses: places.flatMap(({ place }) => place ?? []),
    synthetic: notice.state.picture === 'fake',
    firstSentAt: notice.first_at.getTime(),
    sender: `Accord, ${config.publicUrl.host}${config.desk.from === undefined ? '' : `, ${config.desk.from}`}`,
  });
  return { to: notice.recipient, state: notice.state.notices[noticeId], ...composed };
}

/**
 * Sends a notice, and again after a day of silence, until it is answered or was sent often enough for a person to look.
 * Without an address or a way out for letters it waits for the staff, who send it by hand and say so.
 */
export const sendNotice: Doing = async (parts, { case_id: caseId, detail }) => {
  const noticeId = String(detail.noticeId);
  const notice = await composedNotice(parts, caseId, noticeId);
  const silent = notice?.state?.state === 'queued' || notice?.state?.state === 'sent';
  if (notice === undefined || !silent || notice.to === '' || parts.post === null) return null;
  const { clock, db, config } = parts.platform;
  const tell = (state: 'sent' | 'given_up', said: string) =>
    db.transaction().execute((tx) =>
      change(parts, tx, {
        caseId,
        actor: system,
        command: { kind: 'move_notice', noticeId, state, detail: said },
      }),
    );
  const tries = notice.state?.tries ?? 0;
  if (tries >= noticeTries) {
    await tell('given_up', `silent after ${tries}`);
    return null;
  }
  const messageId = `<${noticeId}.${tries + 1}@${config.publicUrl.hostname}>`;
  await parts.post.send({ to: notice.to, subject: notice.subject, text: notice.body, messageId });
  await tell('sent', messageId);
  return clock() + noticeSilenceMs;
};
