import { type Attestation, attestationFromCbor, attestationToCbor } from './attestation.ts';
import { type Cbor, decodeCbor, encodeCbor } from './cbor.ts';
import { type ConsentRecord, consentFromCbor, consentToCbor } from './consent.ts';
import { SealedMediaError } from './errors.ts';
import type { Bytes } from './primitives.ts';
import { bytesOf, countOf, countOrNull, fieldsOf, listOf, oneOf } from './shape.ts';

export const pictureTypes = ['image/jpeg', 'image/webp'] as const;
export type PictureType = (typeof pictureTypes)[number];

/** Who is in the picture, as its sender says. */
export const depictions = ['me', 'me_and_others', 'others', 'nobody'] as const;
export type Depiction = (typeof depictions)[number];

/** How long and how often; null: no limit. The server keeps to it, not the receiver's app. */
export interface Terms {
  readonly expiresAt: number | null;
  readonly maxViews: number | null;
  readonly depicts: Depiction;
}

/** Everything that a receiver needs to fetch, open and check one picture, but the server's half of the key. */
export interface Descriptor {
  readonly blobId: Uint8Array;
  readonly km: Uint8Array;
  readonly cth: Uint8Array;
  readonly ph: Uint8Array;
  readonly h: Uint8Array;
  readonly q: number;
  readonly r: Uint8Array;
  readonly type: PictureType;
  readonly width: number;
  readonly height: number;
  readonly attestation: Attestation;
  readonly terms: Terms;
  readonly consents: readonly ConsentRecord[];
}

/** Longest side of a canonical picture, in pixels. */
export const maxSide = 2048;
const maxConsents = 8;
const maxDescriptorBytes = 32_768;

/** Its one encoding, which is what the franking commitment covers. */
export const encodeDescriptor = (d: Descriptor): Bytes =>
  encodeCbor({
    v: 1,
    blobId: d.blobId,
    km: d.km,
    cth: d.cth,
    ph: d.ph,
    h: d.h,
    q: d.q,
    r: d.r,
    type: d.type,
    width: d.width,
    height: d.height,
    attestation: attestationToCbor(d.attestation),
    terms: { ...d.terms },
    consents: d.consents.map(consentToCbor),
  });

const keys = [
  'v',
  'blobId',
  'km',
  'cth',
  'ph',
  'h',
  'q',
  'r',
  'type',
  'width',
  'height',
  'attestation',
  'terms',
  'consents',
] as const;

/** @throws {SealedMediaError} `malformed`, `too_large` */
export function decodeDescriptor(bytes: Uint8Array): Descriptor {
  if (bytes.length > maxDescriptorBytes) throw new SealedMediaError('too_large', 'descriptor');
  const f = fieldsOf(decodeCbor(bytes), keys);
  if (f.v !== 1) throw new SealedMediaError('malformed', 'version');
  return {
    blobId: bytesOf(f.blobId, 16),
    km: bytesOf(f.km, 32),
    cth: bytesOf(f.cth, 32),
    ph: bytesOf(f.ph, 32),
    h: bytesOf(f.h, 32),
    q: countOf(f.q, 100),
    r: bytesOf(f.r, 32),
    type: oneOf(f.type, pictureTypes),
    width: sideOf(f.width),
    height: sideOf(f.height),
    attestation: attestationFromCbor(f.attestation),
    terms: termsFromCbor(f.terms),
    consents: listOf(f.consents, maxConsents, consentFromCbor),
  };
}

function sideOf(value: Cbor): number {
  const side = countOf(value, maxSide);
  if (side === 0) throw new SealedMediaError('malformed', 'no pixels');
  return side;
}

function termsFromCbor(value: Cbor): Terms {
  const f = fieldsOf(value, ['expiresAt', 'maxViews', 'depicts']);
  return {
    expiresAt: countOrNull(f.expiresAt),
    maxViews: countOrNull(f.maxViews),
    depicts: oneOf(f.depicts, depictions),
  };
}
