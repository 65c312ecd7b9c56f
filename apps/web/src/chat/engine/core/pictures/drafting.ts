import type { Depicted, PictureTerms, Prepared, SendingLook } from '../../pictures-api.ts';
import type { Change } from '../book.ts';
import { fromBase64Url, toBase64Url, uuidFrom } from '../bytes.ts';
import type { Clock, Random } from '../ports.ts';
import type { ConversationRecord } from '../records.ts';
import { sha256 } from './hash.ts';
import { isLike } from './likeness.ts';
import type { Asking, KeptGrant, OwnPicture } from './records.ts';
import { ciphertextOf } from './sealing.ts';

/** What a person sends, and on which terms. */
export interface SendInput {
  readonly id: string;
  readonly picture: Prepared;
  readonly terms: PictureTerms;
  readonly people: readonly Depicted[];
}

interface DraftPorts {
  readonly random: Random;
  readonly clock: Clock;
  readonly grantFor: (like: Prepared, receiver: Uint8Array) => Promise<KeptGrant | null>;
}

/** Everything that a sending needs, drawn once; `known` are own pictures, among which it may be one again. */
export async function draft(
  { random, clock, grantFor }: DraftPorts,
  known: readonly OwnPicture[],
  record: ConversationRecord,
  input: SendInput,
): Promise<OwnPicture> {
  const { picture, terms } = input;
  const sealing = { blobId: uuidFrom(random(16)), km: random(32), ks: random(32), r: random(32) };
  const hashes = { h: picture.hash, ...picture.asked, kept: picture.kept, anchors: picture.anchors };
  const former = known.find((own) => own.grantId === null && own.step !== 'refused' && isLike(hashes, own));
  const grant =
    former === undefined ? await grantFor(picture, fromBase64Url(record.peer.identityPublicKey)) : null;
  return {
    ...sealing,
    ...hashes,
    id: input.id,
    place: record.place,
    createdAt: clock.now(),
    terms,
    expiresAt: terms.lasts === null ? null : clock.now() + terms.lasts * 1000,
    width: picture.width,
    height: picture.height,
    cth: await sha256(await ciphertextOf(picture.bytes, sealing)),
    ph: await sha256(picture.bytes),
    q: picture.quality,
    thumbnail: picture.thumbnail,
    ownerBlobId: former?.ownerBlobId ?? sealing.blobId,
    grantId: grant?.id ?? null,
    people: input.people.map((who) => asking(random, who)),
    step: 'checking',
    attestation: null,
    attestedAt: 0,
    created: false,
    enqueued: false,
    failure: null,
    appeal: null,
  };
}

const asking = (random: Random, who: Depicted): Asking => ({
  who,
  consentId: uuidFrom(random(16)),
  blobId: uuidFrom(random(16)),
  km: random(32),
  ks: random(32),
  link: who.kind === 'link' ? { id: uuidFrom(random(16)), key: random(32) } : null,
  asked: false,
  state: 'waiting',
  record: null,
});

/** Below this quality a hash says little. */
const leastQuality = 50;

interface Shown {
  readonly at: number;
  readonly author: string;
  readonly expires: number;
  /** Null while it has no descriptor yet. */
  readonly picture: { readonly descriptor: string; readonly vouchedUntil: number } | null;
}

/** Puts an own picture where it is seen in the timeline, before it has left. */
export async function show(change: Change, own: OwnPicture, shown: Shown): Promise<void> {
  const { at, author, expires, picture } = shown;
  const { depicts, maxViews } = own.terms;
  await change.update(own.place, own.id, (cell) => ({
    ...cell,
    base: {
      author,
      at: cell.base?.at ?? at,
      kind: 'picture',
      text: null,
      replyTo: null,
      expires,
      firstLine: false,
      written: cell.base?.written ?? at,
      picture: {
        blobId: own.blobId,
        width: own.width,
        height: own.height,
        depicts,
        maxViews,
        expiresAt: own.expiresAt,
        yeses: own.people.length,
        unverifiable: own.q < leastQuality,
        ...(picture ?? { descriptor: null }),
      },
    },
    out: { state: 'queued', failure: null },
  }));
}

/** Somebody who was asked, as the sender is told. */
export function personOf({
  who,
  consentId,
  state,
  link,
  asked,
  record,
}: Asking): SendingLook['people'][number] {
  return {
    consentId,
    name: who.kind === 'member' ? who.pseudonym : who.name,
    member: who.kind === 'member',
    state,
    link:
      link === null || !asked || state !== 'waiting' ? null : `/consent/${link.id}#${toBase64Url(link.key)}`,
    record: record && toBase64Url(record),
  };
}
