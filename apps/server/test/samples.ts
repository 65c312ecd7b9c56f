import { generateKeyPairSync, sign } from 'node:crypto';
import type { Body, RouteName } from '@accord/protocol';
import { base64url, freshName, random, someCode } from './people.ts';

/** The routes that take a body. */
export type WithBody = { [N in RouteName]: [Body<N>] extends [undefined] ? never : N }[RouteName];

export const uuid = () => crypto.randomUUID();
export const bytes = (length: number) => base64url(random(length));
const credential = () => ({ id: bytes(32), rawId: bytes(32), type: 'public-key' as const });
const device = () => ({
  id: uuid(),
  name: 'Phone',
  signaturePublicKey: bytes(32),
  certificate: bytes(73),
});

const nothingElse = { turned: '', parts: '', wholes: '', regions: '' };

/** A picture that nobody knows, asked about by its owner. */
const attestation = (): Body<'matching.attest'> => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const cm = random(32);
  const proof = sign(null, Buffer.concat([Buffer.from('accord/owner-use/1\0'), cm]), privateKey);
  return {
    h: bytes(32),
    q: 80,
    cm: base64url(cm),
    blobId: bytes(16),
    asked: nothingElse,
    kept: '',
    by: { kind: 'owner', key: publicKey.export({ format: 'jwk' }).x ?? '', proof: base64url(proof) },
    afterwards: 'forget',
  };
};

/** A body of the right shape for each route that takes one: a route without a sample does not compile. */
export const bodies: { readonly [N in WithBody]: () => Body<N> } = {
  'accounts.registration.begin': () => ({ pseudonym: freshName() }),
  'accounts.registration.finish': () => ({
    credential: credential(),
    identityPublicKey: bytes(32),
    boxPublicKey: bytes(1216),
    boxSignature: bytes(64),
    device: device(),
    recovery: someCode(),
  }),
  'accounts.signIn.begin': () => ({}),
  'accounts.signIn.finish': () => ({
    credential: credential(),
    device: { id: uuid(), signature: bytes(64) },
  }),
  'accounts.return.begin': () => ({ id: bytes(32) }),
  'accounts.return.finish': () => ({ credential: credential(), device: device(), recovery: someCode() }),
  'accounts.checks.begin': () => ({}),
  'accounts.checks.finish': () => ({ credential: credential() }),
  'accounts.signOut': () => ({}),
  'accounts.devices.enrol': () => ({ device: device() }),
  'accounts.devices.rename': () => ({ name: 'Tablet' }),
  'accounts.links.create': someCode,
  'accounts.recovery.replace': someCode,
  'accounts.blocks.add': () => ({ accountId: uuid() }),
  'gate.begin': () => ({ method: 'test' }),
  'gate.finish': () => ({ response: bytes(64) }),
  'gate.touch': () => ({}),
  'presence.profile.write': () => ({
    about: 'La mer.',
    languages: ['fr'],
    seeking: ['talk'],
    showOnline: true,
    listed: true,
  }),
  'presence.requests.create': () => ({ to: uuid(), sealedLine: bytes(64) }),
  'presence.requests.accept': () => ({}),
  'presence.requests.hide': () => ({}),
  'presence.reports.create': () => ({ about: uuid(), reason: 'other', words: 'Words.' }),
  'delivery.keyPackages.publish': () => ({ oneTime: [bytes(300)], lastResort: bytes(300) }),
  'delivery.keyPackages.claim': () => ({}),
  'delivery.groups.found': () => ({ groupId: uuid(), welcome: bytes(300), groupInfo: bytes(300) }),
  'delivery.groups.commit': () => ({
    groupId: uuid(),
    epoch: 1,
    idem: uuid(),
    commit: bytes(300),
    groupInfo: bytes(300),
  }),
  'delivery.messages.send': () => ({ n: 1, oldest: 1, groupId: uuid(), epoch: 1, body: bytes(300) }),
  'delivery.inbox.ack': () => ({ ids: ['1'] }),
  'matching.attest': attestation,
  'matching.recheck': () => ({ h: bytes(32), q: 80, asked: nothingElse, attestation: bytes(300) }),
  'matching.ownership': () => ({ ownerKey: bytes(32), wish: 'forget', at: Date.now(), proof: bytes(64) }),
  'matching.grants.withdraw': () => ({
    ownerKey: bytes(32),
    grantId: bytes(32),
    until: Date.now(),
    at: Date.now(),
    proof: bytes(64),
  }),
  'media.blobs.begin': () => ({ blobId: uuid(), size: 1000, cth: bytes(32) }),
  'media.blobs.append': () => random(100),
  'media.blobs.complete': () => ({}),
  'media.pictures.create': () => ({
    blobId: uuid(),
    ks: bytes(32),
    receivers: [uuid()],
    maxViews: 1,
    expiresAt: Date.now() + 86_400_000,
    depicts: 'me',
    ph: null,
    consents: [],
  }),
  'media.pictures.accept': () => ({}),
  'media.pictures.view': () => ({ viewId: uuid() }),
  'media.pictures.check': () => ({ blobIds: [uuid()] }),
  'media.senders.write': () => ({ mode: 'always' }),
  'media.consents.ask': () => ({
    consentId: uuid(),
    to: uuid(),
    blobId: uuid(),
    ks: bytes(32),
    sealed: bytes(300),
    ph: bytes(32),
    receivers: [uuid()],
    until: null,
  }),
  'media.consents.answer': () => ({ record: null }),
  'media.links.view': () => ({ viewId: uuid() }),
  'media.links.answer': () => ({ record: null }),
  'media.records.withdraw': () => ({ signature: bytes(64) }),
  'media.reports.create': () => ({ reportId: uuid(), kid: bytes(8), sealed: bytes(2000) }),
  'cases.file': () => ({ idem: uuid(), language: 'fr', request: caseRequest() }),
  'cases.check': () => ({ request: caseRequest() }),
  'cases.mine.appeal': () => ({ words: 'Words.' }),
  'cases.command': () => ({ command: { kind: 'remove', ground: 'ncii_real', words: 'Words.' } }),
  'cases.reveal': () => ({}),
  'cases.evidence': () => ({}),
  'cases.approvals.ask': () => ({
    change: { action: 'roles', accountId: uuid(), roles: ['moderator'], words: 'Words.' },
  }),
  'cases.approvals.answer': () => ({ yes: true }),
};

/** A request to the desk that stands under every law. */
const caseRequest = (): Body<'cases.check'>['request'] => ({
  capacity: 'self',
  kind: 'fake',
  minor: 'no',
  consent: 'never',
  intimate: true,
  pictures: [{ h: bytes(32), q: 90, parts: bytes(64), regions: '', source: false }],
  places: ['https://example.org/1'],
  words: 'It is not me.',
  signature: 'A. B.',
  contact: 'a@example.org',
  byPage: false,
  goodFaith: true,
});
