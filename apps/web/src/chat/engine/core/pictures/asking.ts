import { sealToBox } from '@accord/group-crypto';
import { decodeConsent } from '@accord/sealed-media';
import { EngineError } from '../../api.ts';
import { fromBase64Url, toBase64Url } from '../bytes.ts';
import { boxIsTheirs } from '../keys.ts';
import type { Http, Random } from '../ports.ts';
import { copyContext, encodeCopyKey, sealUnderLink } from './copy.ts';
import { sha256 } from './hash.ts';
import type { Asking, OwnPicture } from './records.ts';
import { ciphertextOf } from './sealing.ts';
import { upload } from './uploads.ts';

interface Question {
  readonly asking: Asking;
  readonly picture: Uint8Array;
  /** Accounts that may see it. */
  readonly receivers: readonly string[];
  readonly until: number | null;
}

/** Uploads the copy for one person and puts the question. Repeating it does the same. @throws {ApiError | EngineError} */
export async function ask(
  ports: { readonly http: Http; readonly random: Random },
  { ph }: Pick<OwnPicture, 'ph'>,
  { asking, picture, receivers, until }: Question,
): Promise<void> {
  const ciphertext = await ciphertextOf(picture, asking);
  const cth = await sha256(ciphertext);
  await upload(ports.http, { blobId: asking.blobId, ciphertext, cth }, () => undefined);
  const opens = encodeCopyKey({ km: asking.km, cth, ph });
  await ports.http.call('media.consents.ask', {
    body: {
      consentId: asking.consentId,
      to: asking.who.kind === 'member' ? asking.who.accountId : null,
      ...(asking.link === null ? {} : { linkId: asking.link.id }),
      blobId: asking.blobId,
      ks: toBase64Url(asking.ks),
      sealed: toBase64Url(await sealedFor(ports, asking, opens)),
      ph: toBase64Url(ph),
      receivers: [...receivers],
      until,
    },
  });
}

async function sealedFor(
  { http, random }: { readonly http: Http; readonly random: Random },
  { who, link, consentId }: Asking,
  opens: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  if (who.kind === 'member') {
    const person = await http.call('presence.people.read', { params: { accountId: who.accountId } });
    if (!(await boxIsTheirs(person))) throw new EngineError('keys_not_theirs');
    return sealToBox(fromBase64Url(person.boxPublicKey), opens, copyContext(consentId));
  }
  if (link === null) throw new EngineError('internal');
  return sealUnderLink(link.key, opens, consentId, random);
}

/** The people as they have answered by now. @throws {ApiError} */
export async function answersOf(http: Http, people: readonly Asking[]): Promise<Asking[]> {
  const now: Asking[] = [];
  for (const each of people) {
    if (each.state !== 'waiting') now.push(each);
    else {
      const { state, record } = await http.call('media.consents.read', {
        params: { consentId: each.consentId },
      });
      now.push({ ...each, state, record: record === null ? null : fromBase64Url(record) });
    }
  }
  return now;
}

/** Who waited for an answer gets their whole time from now on, and no longer than any yes holds. */
export function expiryAfter({ terms, people }: OwnPicture, now: number): number | null {
  const ends = people.map(({ record }) => (record === null ? null : decodeConsent(record).until));
  const own = terms.lasts === null ? null : now + terms.lasts * 1000;
  const all = [own, ...ends].filter((end) => end !== null);
  return all.length === 0 ? null : Math.min(...all);
}

/** Gives an uploaded picture its half-key and its policy. Repeating it does the same. @throws {ApiError} */
export async function create(http: Http, own: OwnPicture, receiver: string): Promise<void> {
  const { terms, people } = own;
  await http.call('media.pictures.create', {
    body: {
      blobId: own.blobId,
      ks: toBase64Url(own.ks),
      receivers: [receiver],
      maxViews: terms.maxViews,
      expiresAt: own.expiresAt,
      depicts: terms.depicts,
      ph: people.length > 0 ? toBase64Url(own.ph) : null,
      consents: people.map(({ consentId }) => consentId),
    },
  });
}
