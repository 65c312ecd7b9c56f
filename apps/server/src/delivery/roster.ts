import type { Member } from '@accord/group-crypto';
import { GroupCryptoError } from '@accord/group-crypto/server';
import type { Queries } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Parts } from './parts.ts';

/** A live device with the keys that its account registered. */
interface Registered {
  readonly accountId: string;
  readonly signaturePublicKey: Buffer;
  readonly identityPublicKey: Buffer;
}

/** The live devices of the accounts, by id. */
export type Roster = ReadonlyMap<string, Registered>;

export async function readRoster(
  { accounts }: Parts,
  queries: Queries,
  accountIds: readonly string[],
): Promise<Roster> {
  const people = await accounts.publicOf(accountIds, queries);
  const devices = await accounts.devicesOf(accountIds, queries);
  return new Map(
    devices.flatMap(({ id, accountId, signaturePublicKey }) => {
      const person = people.get(accountId);
      if (person === undefined) return [];
      return [[id, { accountId, signaturePublicKey, identityPublicKey: person.identityPublicKey }] as const];
    }),
  );
}

type Claimed = Pick<Member, 'accountId' | 'deviceId' | 'identityPublicKey' | 'signaturePublicKey'>;

/** Whether what a message says of a device is what its account registered. */
export function isGenuine(claimed: Claimed, roster: Roster): boolean {
  const known = roster.get(claimed.deviceId);
  return (
    known !== undefined &&
    known.accountId === claimed.accountId &&
    known.signaturePublicKey.equals(claimed.signaturePublicKey) &&
    known.identityPublicKey.equals(claimed.identityPublicKey)
  );
}

/** Bytes of an unpadded base64url string that the route's shape has checked. */
export const fromBase64 = (text: string): Buffer => Buffer.from(text, 'base64url');

/** Key material that is not what it must be. */
export const badMaterial = (): Refusal => new Refusal('bad_key_material');

/** Runs what reads key material; whatever it finds wrong is one refusal. */
export async function readingMaterial<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof GroupCryptoError ? badMaterial() : error;
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Whether both hold the same byte strings, each once. */
export function sameSet(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  const left = new Set(a.map(hex));
  return left.size === a.length && a.length === b.length && b.every((bytes) => left.has(hex(bytes)));
}

/** A group's id as MLS carries it. */
export const groupIdBytes = (groupId: string): Buffer => Buffer.from(groupId.replaceAll('-', ''), 'hex');
