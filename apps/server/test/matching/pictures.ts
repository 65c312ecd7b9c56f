import { randomBytes } from 'node:crypto';
import type { Body } from '@accord/protocol';
import {
  decodeAnswer,
  encodeGrant,
  type Grant,
  giveGrant,
  grantIdOf,
  type MatchingAnswer,
  type OwnerAct,
  proveOwner,
  publicKeyOf,
  signOwnerAct,
  useGrant,
} from '@accord/sealed-media';
import { Client } from '../client.ts';
import { base64url, random } from '../people.ts';

/** A key pair of one picture, or of somebody who shares it. */
export interface Key {
  readonly seed: Uint8Array;
  readonly publicKey: Uint8Array;
}

export async function newKey(): Promise<Key> {
  const seed = random(32);
  return { seed, publicKey: await publicKeyOf(seed) };
}

/** A hash with `bits` bits turned over: another copy of a picture, or another picture. */
export function near(hash: Uint8Array, bits: number): Uint8Array {
  const out = Uint8Array.from(hash);
  for (let bit = 0; bit < bits; bit += 1) {
    const at = (bit * 37) % 256;
    out[at >> 3] = (out[at >> 3] as number) ^ (1 << (at & 7));
  }
  return out;
}

export const concat = (...hashes: readonly Uint8Array[]): string => base64url(Buffer.concat(hashes));
export const nothingElse = { turned: '', parts: '', wholes: '', regions: '' };

export type Sending = Partial<Omit<Body<'matching.attest'>, 'h' | 'by'>>;

/** What an owner asks for one sending of a picture. */
export async function byOwner(
  owner: Key,
  h: Uint8Array,
  more: Sending = {},
): Promise<Body<'matching.attest'>> {
  const cm = random(32);
  return {
    h: base64url(h),
    q: 90,
    cm: base64url(cm),
    blobId: base64url(random(16)),
    asked: nothingElse,
    kept: '',
    by: {
      kind: 'owner',
      key: base64url(owner.publicKey),
      proof: base64url(await proveOwner(owner.seed, cm)),
    },
    afterwards: 'refuse',
    ...more,
  };
}

export interface GivenGrant {
  readonly grant: Grant;
  readonly id: Uint8Array;
  readonly sharer: Key;
  readonly receivers: readonly Uint8Array[];
}

/** The owner lets somebody share a picture with two people. */
export async function newGrant(owner: Key, h: Uint8Array, until: number): Promise<GivenGrant> {
  const sharer = await newKey();
  const receivers = [random(32), random(32)];
  const salt = random(16);
  const terms = { ownerKey: owner.publicKey, h, sharer: sharer.publicKey, receivers, salt, until };
  const grant = await giveGrant(owner.seed, terms);
  return { grant, id: await grantIdOf(grant), sharer, receivers };
}

/** What a sharer asks under a grant. */
export async function byGrant(
  { grant, sharer, receivers }: GivenGrant,
  h: Uint8Array,
  to: readonly Uint8Array[] = receivers,
): Promise<Body<'matching.attest'>> {
  const cm = random(32);
  const body = await byOwner(sharer, h, { cm: base64url(cm) });
  const use = base64url(await useGrant(sharer.seed, cm));
  return {
    ...body,
    by: { kind: 'grant', grant: base64url(encodeGrant(grant)), use, receivers: to.map(base64url) },
  };
}

/** Asks without an account. */
export async function ask(url: string, body: Body<'matching.attest'>): Promise<MatchingAnswer> {
  const { answer } = await new Client(url).call('matching.attest', { body });
  return decodeAnswer(Buffer.from(answer, 'base64url'));
}

/** An owner's signed statement. */
export async function owned(owner: Key, act: OwnerAct, at: number, about: Uint8Array = new Uint8Array()) {
  const proof = await signOwnerAct(owner.seed, owner.publicKey, { act, at, about });
  return { ownerKey: base64url(owner.publicKey), at, proof: base64url(proof) };
}

/** A blob's id as `media` has it, from what was asked. */
export function uuidOf(blobId: string): string {
  const hex = Buffer.from(blobId, 'base64url').toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

export const someHash = (): Uint8Array => new Uint8Array(randomBytes(32));
