import { randomUUID } from 'node:crypto';
import {
  certifyDevice,
  createDevice,
  createDeviceKeys,
  createGroupCrypto,
  type Device,
  FALLBACK_SUITE,
  type GroupCrypto,
  GroupCryptoError,
  type GroupCryptoErrorCode,
  type GroupState,
  generateIdentity,
  type Identity,
  type KeyPackageBundle,
  type Member,
  type Processed,
  type Suite,
} from '../src/index.ts';

export const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
export const now = (): number => Date.now();
export const day = 86_400_000;

export interface Account {
  readonly accountId: string;
  readonly identity: Identity;
}

/** A device, its crypto, and the key packages it has published. */
export interface Client {
  readonly name: string;
  readonly device: Device;
  readonly crypto: GroupCrypto;
}

export async function createAccount(): Promise<Account> {
  return { accountId: randomUUID(), identity: await generateIdentity(random) };
}

/** Pins identity keys, as an application would; everything not pinned is refused. */
export class Trust {
  readonly #pinned = new Map<string, string>();

  pin(account: Account): void {
    this.#pinned.set(account.accountId, String(account.identity.publicKey));
  }

  readonly check = (accountId: string, key: Uint8Array): boolean =>
    this.#pinned.get(accountId) === String(key);
}

export async function createClient(
  name: string,
  account: Account,
  trust: Trust,
  suite: Suite = FALLBACK_SUITE,
): Promise<Client> {
  trust.pin(account);
  return {
    name,
    device: await createTestDevice(account),
    crypto: createGroupCrypto({ random, trust: trust.check, suite }),
  };
}

export async function createTestDevice(
  account: Account,
  signer: Identity = account.identity,
): Promise<Device> {
  const keys = await createDeviceKeys(random);
  const subject = { accountId: account.accountId, deviceId: randomUUID(), ...keys };
  const certificate = await certifyDevice(signer, subject);
  return createDevice({ ...subject, identityPublicKey: signer.publicKey, certificate });
}

export async function keyPackage(client: Client): Promise<KeyPackageBundle> {
  const [bundle] = await client.crypto.createKeyPackages(client.device, 1, { now: now() });
  if (bundle === undefined) throw new Error('no key package');
  return bundle;
}

/** A group of a creator and others who join by its Welcome; states in the order of the clients. */
export async function createTestGroup(creator: Client, others: readonly Client[]): Promise<GroupState[]> {
  const bundles = await Promise.all(others.map(keyPackage));
  const created = await creator.crypto.createGroup({
    groupId: random(16),
    device: creator.device,
    members: bundles.map((bundle) => bundle.publicBytes),
    now: now(),
  });
  const { welcome } = created;
  if (welcome === undefined) return [created.state];
  const joined = await Promise.all(
    others.map((client, index) =>
      client.crypto.joinFromWelcome({
        welcome,
        device: client.device,
        keyPackage: at(bundles, index),
        now: now(),
      }),
    ),
  );
  return [created.state, ...joined];
}

export function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new Error(`nothing at ${index}`);
  return item;
}

export function receive(client: Client, state: GroupState, message: Uint8Array): Promise<Processed> {
  return client.crypto.process(state, message, { now: now() });
}

export async function receiveCommit(
  client: Client,
  state: GroupState,
  message: Uint8Array,
): Promise<Extract<Processed, { kind: 'commit' }>> {
  const processed = await receive(client, state, message);
  if (processed.kind !== 'commit') throw new Error(`got a ${processed.kind}`);
  return processed;
}

export async function receiveText(
  client: Client,
  state: GroupState,
  message: Uint8Array,
): Promise<{ state: GroupState; text: string; deviceId: string; accountId: string }> {
  const processed = await receive(client, state, message);
  if (processed.kind !== 'application') throw new Error(`got a ${processed.kind}`);
  const { deviceId, accountId } = processed.sender;
  return { state: processed.state, text: text(processed.plaintext), deviceId, accountId };
}

export const deviceIds = (members: readonly Member[]): string[] =>
  members.map((member) => member.deviceId).sort();

/** The code that `work` is refused with; anything but a GroupCryptoError is passed on and fails the test. */
export async function refusal(work: () => unknown): Promise<GroupCryptoErrorCode | 'none'> {
  try {
    await work();
    return 'none';
  } catch (error) {
    if (error instanceof GroupCryptoError) return error.code;
    throw error;
  }
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
