import { createHash, randomUUID } from 'node:crypto';
import { sealToBox } from '@accord/group-crypto/box';
import type { Body, Reply } from '@accord/protocol';
import {
  attest,
  commitmentOf,
  consent,
  type Descriptor,
  encodeConsent,
  encodeDescriptor,
  encodeReport,
  frankingCommitment,
  publicKeyOf,
  type Report,
  reportContext,
  seal,
} from '@accord/sealed-media';
import { blankWebp } from '@accord/sealed-media/fixtures';
import { Client } from '../client.ts';
import { acquainted } from '../delivery/talk.ts';
import { byOwner, newKey } from '../matching/pictures.ts';
import { base64url, freshName, type Member, newMember, random, type Site } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';

export const sha256 = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha256').update(bytes).digest());
export const uuidBytes = (uuid: string): Uint8Array =>
  new Uint8Array(Buffer.from(uuid.replaceAll('-', ''), 'hex'));

/** A texture, sealed for a blob of its own: what a sender's device holds. */
export interface Sealed {
  readonly blobId: string;
  readonly picture: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly km: Uint8Array;
  readonly ks: Uint8Array;
  readonly ph: Uint8Array;
}

export async function sealed(bytes = 3000, picture: Uint8Array = texture(bytes)): Promise<Sealed> {
  const blobId = randomUUID();
  const [km, ks] = [random(32), random(32)];
  const ciphertext = await seal(picture, { km, ks }, uuidBytes(blobId));
  return { blobId, picture, ciphertext, km, ks, ph: sha256(picture) };
}

/** A canonical WebP of noise: no two are alike. */
function texture(bytes: number): Uint8Array {
  const picture = blankWebp(64, 48, bytes);
  picture.set(random(bytes - 40), 60);
  return picture;
}

/** Asks the matching service about a picture with this PDQ; by default one that nobody else has. */
export async function attested(
  site: string,
  { blobId }: Pick<Sealed, 'blobId'>,
  hash: Uint8Array = random(32),
): Promise<void> {
  const body = await byOwner(await newKey(), hash, { blobId: base64url(uuidBytes(blobId)) });
  await new Client(site).call('matching.attest', { body });
}

/** Uploads a ciphertext in parts, and has it attested: by default as a picture of which nobody has another. */
export async function upload(
  client: Client,
  one: Sealed,
  partBytes = 64 * 1024,
  hash = random(32),
): Promise<void> {
  const { blobId, ciphertext } = one;
  const params = { blobId };
  const body = { blobId, size: ciphertext.length, cth: base64url(sha256(ciphertext)) };
  let { offset } = await client.call('media.blobs.begin', { body });
  while (offset < ciphertext.length) {
    const part = ciphertext.slice(offset, offset + partBytes);
    const query = { offset: String(offset) };
    ({ offset } = await client.call('media.blobs.append', { params, query, body: part }));
  }
  await client.call('media.blobs.complete', { params, body: {} });
  await attested(client.origin, one, hash);
}

type Policy = Body<'media.pictures.create'>;

export const policy = (one: Sealed, receivers: readonly Member[], change: Partial<Policy> = {}): Policy => ({
  blobId: one.blobId,
  ks: base64url(one.ks),
  receivers: receivers.map(({ id }) => id),
  maxViews: null,
  expiresAt: null,
  depicts: 'me',
  ph: null,
  consents: [],
  ...change,
});

/** A picture that its receivers can ask for. */
export async function sent(
  from: Member,
  to: readonly Member[],
  change: Partial<Policy> = {},
  one?: Sealed,
): Promise<Sealed> {
  const picture = one ?? (await sealed());
  await upload(from.client, picture);
  await from.client.call('media.pictures.create', { body: policy(picture, to, change) });
  return picture;
}

export const accept = (who: Member, { blobId }: Pick<Sealed, 'blobId'>) =>
  who.client.call('media.pictures.accept', { params: { blobId }, body: {} });

export const view = (client: Client, { blobId }: Pick<Sealed, 'blobId'>, viewId: string = randomUUID()) =>
  client.call('media.pictures.view', { params: { blobId }, body: { viewId } });

/** Whether the server still has its half of a picture's key. */
async function holdsHalfKey({ database }: Pick<TestServer, 'database'>, blobId: string): Promise<boolean> {
  const { rowCount } = await database.pool.query('select from half_key where blob_id = $1', [blobId]);
  return rowCount === 1;
}

/** Two members who talk with each other. */
export async function friends(site: Site): Promise<readonly [Member, Member]> {
  return (await acquainted(site)).members;
}

/** A server with two who talk with each other, and somebody whom neither knows. */
export async function mediaStage(clock: () => number, env: Readonly<Record<string, string>> = {}) {
  const server = await startServer({ clock, env });
  const [ada, blaise] = await friends(server);
  const stranger = await newMember(server, freshName());
  return {
    server,
    ada,
    blaise,
    stranger,
    housekeep: () => server.running.housekeep(),
    hasHalfKey: (blobId: string) => holdsHalfKey(server, blobId),
  };
}

/** Lets two members who are there already talk with each other. */
export async function acquaint(one: Member, other: Member): Promise<string> {
  const body = { to: other.id, sealedLine: base64url(random(60)) };
  const { id } = await one.client.call('presence.requests.create', { body });
  const params = { requestId: id };
  return (await other.client.call('presence.requests.accept', { params, body: {} })).conversationId;
}

/** What a member is asked about a picture that `asker` wants to send to `receivers`. */
export async function asked(
  asker: Member,
  whom: Member | null,
  picture: Sealed,
  receivers: readonly Member[],
  change: Partial<Body<'media.consents.ask'>> = {},
) {
  const copy = await sealed(0, picture.picture);
  await upload(asker.client, copy);
  const linkId = whom === null ? { linkId: randomUUID() } : {};
  const body: Body<'media.consents.ask'> = {
    consentId: randomUUID(),
    to: whom?.id ?? null,
    ...linkId,
    blobId: copy.blobId,
    ks: base64url(copy.ks),
    sealed: base64url(random(200)),
    ph: base64url(picture.ph),
    receivers: receivers.map(({ id }) => id),
    until: null,
    ...change,
  };
  const question = await asker.client.call('media.consents.ask', { body });
  return { copy, question, linkId: body.linkId ?? '', body };
}

/** A yes, signed with `seed`. */
export async function yes(
  seed: Uint8Array,
  question: Pick<Reply<'media.consents.read'>, 'ph' | 'until'>,
  receivers: readonly Pick<Member, 'identity'>[],
  change: { readonly givenAt?: number; readonly id?: Uint8Array } = {},
) {
  return consent(seed, {
    id: change.id ?? random(16),
    giver: await publicKeyOf(seed),
    ph: new Uint8Array(Buffer.from(question.ph, 'base64url')),
    receivers: receivers.map(({ identity }) => identity.publicKey),
    until: question.until,
    givenAt: change.givenAt ?? Date.now(),
  });
}

export const recordText = (record: Parameters<typeof encodeConsent>[0]): string =>
  base64url(encodeConsent(record));

/** The descriptor of a picture, as a message carries it, with its franking key and commitment. */
export async function described(one: Sealed) {
  const [h, r, kid, kf] = [random(32), random(32), random(8), random(32)];
  const committed = { cth: sha256(one.ciphertext), ph: one.ph, h, q: 90, r };
  const cm = await commitmentOf(committed);
  const attestation = await attest(random(32), { h, q: 90, cm, bankEpoch: 1, iat: Date.now(), kid });
  const descriptor: Descriptor = {
    ...committed,
    blobId: uuidBytes(one.blobId),
    km: one.km,
    type: 'image/webp',
    width: 64,
    height: 48,
    attestation,
    terms: { expiresAt: null, maxViews: null, depicts: 'me' },
    consents: [],
  };
  const content = encodeDescriptor(descriptor);
  return { descriptor, content, kf, c: await frankingCommitment(kf, content) };
}

/** Hands a report in as a device does. */
export async function handIn(who: Member, report: Report, reportId: string = randomUUID()) {
  const { moderation } = await who.client.call('media.keys.read', {});
  const publicKey = new Uint8Array(Buffer.from(moderation.publicKey, 'base64url'));
  const bytes = await sealToBox(publicKey, encodeReport(report), reportContext);
  return who.client.call('media.reports.create', {
    body: { reportId, kid: moderation.kid, sealed: base64url(bytes) },
  });
}
