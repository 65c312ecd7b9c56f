import { createHash, randomBytes, randomUUID } from 'node:crypto';
import {
  boxPublicKey,
  certifyDevice,
  createDevice,
  createDeviceKeys,
  type Device,
  generateIdentity,
  type Identity,
} from '@accord/group-crypto';
import type { Body, Reply } from '@accord/protocol';
import { boxKeyMessage, deviceSignInMessage } from '../src/accounts/keys.ts';
import { Authenticator } from './authenticator.ts';
import { Client } from './client.ts';
import { sign } from './ed25519.ts';

/** Where a server is: its public address, which is the origin of what its page sends. */
export interface Site {
  readonly url: string;
}

/** A member with real keys: an account, a first device that is enrolled, and a session bound to it. */
export interface Member {
  readonly id: string;
  readonly pseudonym: string;
  readonly client: Client;
  readonly authenticator: Authenticator;
  /** The account's identity key pair. Secret. */
  readonly identity: Identity;
  /** The MLS credential and signature keys of the device. Secret. */
  readonly device: Device;
  readonly boxPublicKey: string;
  /** The id that the member's recovery code gives. */
  readonly recoveryId: string;
}

export const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
export const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

/** A pseudonym that nobody has. */
export const freshName = (): string => `p${randomUUID().replaceAll('-', '').slice(0, 16)}`;

/** A recovery or link code as the server sees it. */
export const someCode = (): Body<'accounts.recovery.replace'> => ({
  id: base64url(random(32)),
  sealedIdentity: base64url(random(60)),
});

/** A new device of an account, vouched for by its identity key. */
export async function newDevice(accountId: string, identity: Identity): Promise<Device> {
  const keys = await createDeviceKeys(random);
  const ids = { accountId, deviceId: randomUUID() };
  const certificate = await certifyDevice(identity, { ...ids, signaturePublicKey: keys.signaturePublicKey });
  return createDevice({ ...ids, ...keys, identityPublicKey: identity.publicKey, certificate });
}

/** A device as it enrols. */
export const enrolling = (device: Device, name = 'Phone'): Body<'accounts.devices.enrol'>['device'] => ({
  id: device.deviceId,
  name,
  signaturePublicKey: base64url(device.signaturePublicKey),
  certificate: base64url(device.certificate),
});

/** What a browser sends to finish a registration that was begun. */
export async function registrationBody(
  begun: Reply<'accounts.registration.begin'>,
  authenticator: Authenticator,
) {
  const identity = await generateIdentity(random);
  const device = await newDevice(begun.accountId, identity);
  const box = await boxPublicKey(identity.privateKey);
  const body = {
    credential: authenticator.create(begun.options),
    identityPublicKey: base64url(identity.publicKey),
    boxPublicKey: base64url(box),
    boxSignature: base64url(sign(identity.privateKey, boxKeyMessage(begun.accountId, box))),
    device: enrolling(device),
    recovery: someCode(),
    wrappedIdentity: base64url(random(60)),
  } satisfies Body<'accounts.registration.finish'>;
  return { body, identity, device };
}

/** Registers an account with real keys, and stops before the proof of age. */
export async function newAccount(
  site: Site,
  pseudonym: string,
  authenticator = new Authenticator(site.url),
): Promise<Member> {
  const client = new Client(site.url);
  const begun = await client.call('accounts.registration.begin', { body: { pseudonym } });
  const { body, identity, device } = await registrationBody(begun, authenticator);
  const { ceremonyId } = begun;
  const me = await client.call('accounts.registration.finish', { params: { ceremonyId }, body });
  return {
    id: me.id,
    pseudonym: me.pseudonym,
    client,
    authenticator,
    identity,
    device,
    boxPublicKey: body.boxPublicKey,
    recoveryId: body.recovery.id,
  };
}

/** The address that a proof which was begun leads to. */
export function addressOf({ present }: Reply<'gate.begin'>): URL {
  if (present.kind === 'browser') throw new Error('no address');
  return new URL(present.url);
}

/** Who calls, as the gate sees it. */
export const visitor = (member: Pick<Member, 'id' | 'client'>, checkedAt: number) => ({
  accountId: member.id,
  tokenHash: createHash('sha256')
    .update(member.client.token ?? '')
    .digest(),
  checkedAt,
});

/** What the test wallet answers for a proof that was begun: the response, from the address it sends one to. */
export async function walletResponse(
  begun: Reply<'gate.begin'>,
  over18: 'true' | 'false' | 'declined' = 'true',
): Promise<string> {
  const url = addressOf(begun);
  url.pathname = '/test-wallet/answer';
  url.searchParams.set('over18', over18);
  const response = await fetch(url, { redirect: 'manual' });
  const back = new URL(response.headers.get('location') ?? '');
  return new URLSearchParams(back.hash.slice(1)).get('response') ?? '';
}

/** Proves the age of whoever is signed in, by the test method. */
export async function proveAge(client: Client): Promise<Reply<'gate.finish'>> {
  const begun = await client.call('gate.begin', { body: { method: 'test' } });
  const response = await walletResponse(begun);
  return client.call('gate.finish', { params: { proofId: begun.proofId }, body: { response } });
}

/** A member who may talk. */
export async function newMember(site: Site, pseudonym: string): Promise<Member> {
  const member = await newAccount(site, pseudonym);
  await proveAge(member.client);
  return member;
}

/** Signs in from another browser, with the device's key where one is given. */
export async function signIn(
  site: Site,
  authenticator: Authenticator,
  device?: Device,
): Promise<{ readonly client: Client; readonly reply: Reply<'accounts.signIn.finish'> }> {
  const client = new Client(site.url);
  const { ceremonyId, options } = await client.call('accounts.signIn.begin', { body: {} });
  const credential = authenticator.get(options);
  const proof = device === undefined ? {} : { device: deviceProof(ceremonyId, device) };
  const body = { credential, ...proof };
  const reply = await client.call('accounts.signIn.finish', { params: { ceremonyId }, body });
  return { client, reply };
}

/** Shows that a browser still holds a device's key. */
export function deviceProof(ceremonyId: string, device: Device) {
  const message = deviceSignInMessage(ceremonyId, device.accountId, device.deviceId);
  return { id: device.deviceId, signature: base64url(sign(device.signaturePrivateKey, message)) };
}
