import type { Member } from '../people.ts';
import { asked, recordText, sealed, sent, upload, yes } from './studio.ts';

/** What of pictures belongs to `owner`, who talks with `partner`, by route: real ids. */
export async function ownedPictures(owner: Member, partner: Member) {
  const uploaded = await sealed();
  await upload(owner.client, uploaded);
  const mine = await sent(owner, [partner]);
  const theirs = await sent(partner, [owner]);
  const toOwner = await asked(partner, owner, theirs, [owner]);
  const byOwner = await asked(owner, partner, mine, [partner]);
  const links: Awaited<ReturnType<typeof asked>>[] = [];
  for (let i = 0; i < 3; i += 1) links.push(await asked(owner, null, mine, [partner]));
  const given = await asked(partner, owner, theirs, [owner]);
  const record = await yes(owner.identity.privateKey, given.question, [owner]);
  await owner.client.call('media.consents.answer', {
    params: { consentId: given.question.consentId },
    body: { record: recordText(record) },
  });
  const blob = () => ({ blobId: uploaded.blobId });
  const seen = () => ({ blobId: theirs.blobId });
  const link = (place: number) => () => ({ linkId: links[place]?.linkId ?? '' });
  const hex = Buffer.from(record.id).toString('hex');
  const recordId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  return {
    'media.blobs.state': blob,
    'media.blobs.append': blob,
    'media.blobs.complete': blob,
    'media.blobs.read': blob,
    'media.pictures.revoke': () => ({ blobId: mine.blobId }),
    'media.pictures.accept': seen,
    'media.pictures.view': seen,
    'media.senders.write': () => ({ accountId: partner.id }),
    'media.consents.read': () => ({ consentId: byOwner.question.consentId }),
    'media.consents.answer': () => ({ consentId: toOwner.question.consentId }),
    'media.consents.cancel': () => ({ consentId: byOwner.question.consentId }),
    'media.links.read': link(0),
    'media.links.view': link(0),
    'media.links.blob': link(1),
    'media.links.answer': link(2),
    'media.records.read': () => ({ recordId }),
    'media.records.withdraw': () => ({ recordId }),
  };
}
