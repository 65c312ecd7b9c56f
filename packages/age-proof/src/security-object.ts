import { type Bytes, sameBytes } from './bytes.ts';
import { type Cbor, type CborMap, decodeCbor } from './cbor.ts';
import { bytesOf, dateOf, embeddedOf, exactly, listOf, mapOf, textOf, unsignedOf } from './fields.ts';
import type { Hash, Primitives } from './keys.ts';
import { refuse } from './refusals.ts';

/** What the issuer signed (MobileSecurityObject, ISO/IEC 18013-5 §9.1.2.4). Dates in milliseconds since 1970. */
export interface SecurityObject {
  readonly docType: string;
  readonly algorithm: Hash;
  /** Digests by name space and number. */
  readonly digests: CborMap;
  /** COSE_Key of the wallet for this attestation. */
  readonly deviceKey: Cbor;
  readonly signed: number;
  readonly validFrom: number;
  readonly validUntil: number;
}

const algorithms: readonly string[] = ['SHA-256', 'SHA-384', 'SHA-512'] satisfies Hash[];

/** Reads the bytes within the issuer's payload. Members that we do not use may stand beside. @throws {Refusal} `mso_…` */
export function readSecurityObject(bytes: Bytes): SecurityObject {
  const mso = mapOf(decodeCbor(bytes), 'mso_shape');
  if (!/^1\.\d$/.test(textOf(mso.get('version'), 'mso_shape'))) refuse('mso_shape');
  const algorithm = textOf(mso.get('digestAlgorithm'), 'mso_shape');
  if (!algorithms.includes(algorithm)) refuse('mso_algorithm');
  const validity = mapOf(mso.get('validityInfo'), 'mso_shape');
  const signed = dateOf(validity.get('signed'), 'mso_dates');
  const validFrom = dateOf(validity.get('validFrom'), 'mso_dates');
  const validUntil = dateOf(validity.get('validUntil'), 'mso_dates');
  if (signed > validFrom || validFrom >= validUntil) refuse('mso_dates');
  return {
    docType: textOf(mso.get('docType'), 'mso_shape'),
    algorithm: algorithm as Hash,
    digests: mapOf(mso.get('valueDigests'), 'mso_shape'),
    deviceKey: mapOf(mso.get('deviceKeyInfo'), 'mso_shape').get('deviceKey'),
    signed,
    validFrom,
    validUntil,
  };
}

/** What a phone's clock and ours may differ by, at the start of an attestation's life only. */
const startSkew = 60_000;

/** @throws {Refusal} `mso_not_yet_valid`, `mso_expired` */
export function checkValidNow({ validFrom, validUntil }: SecurityObject, now: number): void {
  if (now < validFrom - startSkew) refuse('mso_not_yet_valid');
  if (now > validUntil) refuse('mso_expired');
}

/** Elements by name, for each name space. */
export type Elements = ReadonlyMap<string, ReadonlyMap<string, Cbor>>;

interface Item {
  readonly id: number;
  readonly name: string;
  readonly value: Cbor;
}

function readItem(bytes: Bytes): Item {
  const members = ['digestID', 'random', 'elementIdentifier', 'elementValue'];
  const item = exactly(decodeCbor(bytes), members, [], 'item_shape');
  if (bytesOf(item.get('random'), 'item_shape').length < 16) refuse('item_random');
  return {
    id: unsignedOf(item.get('digestID'), 'item_shape'),
    name: textOf(item.get('elementIdentifier'), 'item_shape'),
    value: item.get('elementValue'),
  };
}

/**
 * Reads the elements that were disclosed and holds each, over its bytes as they came, to the digest that the
 * issuer signed.
 * @param nameSpaces member of IssuerSigned; absent when nothing is disclosed
 * @throws {Refusal} `item_…`
 */
export async function readElements(
  nameSpaces: Cbor,
  mso: SecurityObject,
  primitives: Primitives,
): Promise<Elements> {
  const out = new Map<string, Map<string, Cbor>>();
  if (nameSpaces === undefined) return out;
  for (const [space, items] of mapOf(nameSpaces, 'item_shape')) {
    const digests = mapOf(mso.digests.get(space), 'item_digest');
    const elements = new Map<string, Cbor>();
    const seen = new Set<number>();
    for (const one of listOf(items, 'item_shape')) {
      const { inner, raw } = embeddedOf(one, 'item_shape');
      const { id, name, value } = readItem(inner);
      if (seen.has(id) || elements.has(name)) refuse('item_duplicate');
      const signed = bytesOf(digests.get(id), 'item_digest');
      if (!sameBytes(signed, await primitives.digest(mso.algorithm, raw))) refuse('item_digest');
      seen.add(id);
      elements.set(name, value);
    }
    out.set(textOf(space, 'item_shape'), elements);
  }
  return out;
}
