import type { Bytes } from './bytes.ts';
import { type Cbor, CborRaw, decodeCbor, embedded, encodeCbor } from './cbor.ts';
import { checkSign1, readSign1, type Sign1 } from './cose.ts';
import { embeddedOf, exactly, mapOf } from './fields.ts';
import { keyOfCose, type Primitives } from './keys.ts';
import { refuse } from './refusals.ts';

/** What the wallet adds to what the issuer signed: a signature for this session, and nothing else. */
export interface DeviceSigned {
  /** DeviceNameSpacesBytes as they came. */
  readonly nameSpaces: Bytes;
  readonly hasClaims: boolean;
  readonly signature: Sign1;
}

/** Reads DeviceSigned. @throws {Refusal} `device_shape`, `device_mac`, `device_payload`, `cose_…` */
export function readDeviceSigned(value: Cbor): DeviceSigned {
  const signed = exactly(value, ['nameSpaces', 'deviceAuth'], [], 'device_shape');
  const { inner, raw } = embeddedOf(signed.get('nameSpaces'), 'device_shape');
  const auth = mapOf(signed.get('deviceAuth'), 'device_shape');
  if (auth.has('deviceMac')) refuse('device_mac');
  const signature = readSign1(exactly(auth, ['deviceSignature'], [], 'device_shape').get('deviceSignature'));
  // An attached payload would be checked instead of this session's bytes: a recording would pass.
  if (signature.payload !== null) refuse('device_payload');
  return { nameSpaces: raw, hasClaims: mapOf(decodeCbor(inner), 'device_shape').size > 0, signature };
}

/**
 * Holds the wallet's signature to this session (DeviceAuthentication, ISO/IEC 18013-5 §9.1.3).
 * @param transcript CBOR of the SessionTranscript that we made
 * @throws {Refusal} `device_key`, `device_signature`, `device_claims_present`
 */
export async function checkDeviceSigned(
  device: DeviceSigned,
  deviceKey: Cbor,
  docType: string,
  transcript: Uint8Array,
  primitives: Primitives,
): Promise<void> {
  const key = await keyOfCose(deviceKey, primitives);
  const authentication = encodeCbor([
    'DeviceAuthentication',
    new CborRaw(transcript),
    docType,
    new CborRaw(device.nameSpaces),
  ]);
  const payload = encodeCbor(embedded(authentication));
  await checkSign1(device.signature, key, payload, 'device_signature');
  // What a phone says about its holder is no proof, however well it is signed.
  if (device.hasClaims) refuse('device_claims_present');
}
