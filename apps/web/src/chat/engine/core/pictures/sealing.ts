import {
  type Attestation,
  attestationBytes,
  commitmentOf,
  type Descriptor,
  decodeConsent,
  decodeDescriptor,
  encodeDescriptor,
  seal,
} from '@accord/sealed-media';
import { asUuid, concat, fromBase64Url, toBase64Url, utf8, uuidBytes } from '../bytes.ts';
import type { Content } from '../content.ts';
import type { OwnPicture } from './records.ts';

/**
 * The key that owns a picture, derived so that each device of the account has it and nobody else can tell whose it is.
 * HKDF-SHA-256 of the identity seed.
 */
export async function ownerSeedOf(identitySeed: Uint8Array, ownerBlobId: string): Promise<Uint8Array> {
  const base = await crypto.subtle.importKey('raw', identitySeed.slice(), 'HKDF', false, ['deriveBits']);
  const info = concat(utf8('accord/picture-owner/1'), uuidBytes(ownerBlobId));
  const bits = await crypto.subtle.deriveBits(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info },
    base,
    256,
  );
  return new Uint8Array(bits);
}

/** The ciphertext; the same bytes each time, for the nonces count and the key is this picture's alone. */
export const ciphertextOf = (
  picture: Uint8Array,
  own: Pick<OwnPicture, 'km' | 'ks' | 'blobId'>,
): Promise<Uint8Array> => seal(picture, own, uuidBytes(own.blobId));

export const commitment = ({ cth, ph, h, q, r }: OwnPicture): Promise<Uint8Array> =>
  commitmentOf({ cth, ph, h, q, r });

/** What the receiver gets. */
function descriptorOf(own: OwnPicture, attestation: Attestation): Descriptor {
  return {
    blobId: uuidBytes(own.blobId),
    km: own.km,
    cth: own.cth,
    ph: own.ph,
    h: own.h,
    q: own.q,
    r: own.r,
    type: 'image/jpeg',
    width: own.width,
    height: own.height,
    attestation,
    terms: { expiresAt: own.expiresAt, maxViews: own.terms.maxViews, depicts: own.terms.depicts },
    consents: own.people.flatMap(({ record }) => (record === null ? [] : [decodeConsent(record)])),
  };
}

/** The message around it. */
export function contentOf(
  own: OwnPicture,
  attestation: Attestation,
  more: { readonly kf: Uint8Array; readonly written: number; readonly expires: number },
): Extract<Content, { kind: 'picture' }> {
  return {
    kind: 'picture',
    id: own.id,
    descriptor: toBase64Url(encodeDescriptor(descriptorOf(own, attestation))),
    kf: toBase64Url(more.kf),
    written: more.written,
    ...(more.expires === 0 ? {} : { expires: more.expires }),
  };
}

const nothing = new Uint8Array();

/** An own picture that another device of the account sent: enough to send the same again, and to take it back. */
export function rememberedFrom(
  content: Extract<Content, { kind: 'picture' }>,
  { place, at }: { readonly place: number; readonly at: number },
): OwnPicture | null {
  try {
    const d = decodeDescriptor(fromBase64Url(content.descriptor));
    const blobId = asUuid(d.blobId);
    const { expiresAt, maxViews, depicts } = d.terms;
    return {
      id: content.id,
      place,
      createdAt: at,
      blobId,
      km: d.km,
      ks: nothing,
      r: d.r,
      terms: { lasts: expiresAt === null ? null : Math.ceil((expiresAt - at) / 1000), maxViews, depicts },
      expiresAt,
      width: d.width,
      height: d.height,
      cth: d.cth,
      ph: d.ph,
      h: d.h,
      q: d.q,
      turned: nothing,
      parts: nothing,
      wholes: nothing,
      kept: nothing,
      thumbnail: nothing,
      ownerBlobId: blobId,
      grantId: null,
      people: [],
      step: 'sent',
      attestation: attestationBytes(d.attestation),
      attestedAt: at,
      created: true,
      enqueued: true,
      failure: null,
      appeal: null,
    };
  } catch {
    return null;
  }
}
