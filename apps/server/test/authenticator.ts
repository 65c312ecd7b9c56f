import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** Options of a ceremony as the server sends them (WebAuthn Level 3, JSON form). */
interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id: string };
  readonly user: { readonly id: string };
}
interface RequestOptions {
  readonly challenge: string;
  readonly rpId: string;
}

/** What a test may change in a response, to see it refused. */
export interface Deviations {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly type?: string;
  readonly userVerified?: boolean;
  readonly userPresent?: boolean;
  readonly counter?: number;
  readonly userHandle?: string;
  /** Attestation statement format and statement instead of `none`. */
  readonly attestation?: { readonly fmt: string; readonly attStmt: CborMap };
}

interface Passkey {
  readonly id: string;
  readonly rpId: string;
  readonly userHandle: string;
  readonly privateKey: KeyObject;
  counter: number;
}

type CborMap = ReadonlyMap<number | string, Cbor>;
type Cbor = number | string | Uint8Array | CborMap | readonly Cbor[];

const flag = { userPresent: 0x01, userVerified: 0x04, backupEligible: 0x08, backedUp: 0x10, attested: 0x40 };

/**
 * A platform authenticator in software: real ES256 keys, real attestation objects and assertions, as a browser
 * hands them over. `counting` makes its signature counter rise, as security keys do.
 */
export class Authenticator {
  readonly #origin: string;
  readonly #counting: boolean;
  readonly #passkeys: Passkey[] = [];

  constructor(origin: string, options: { readonly counting?: boolean } = {}) {
    this.#origin = origin;
    this.#counting = options.counting ?? false;
  }

  /** Ids of the passkeys it holds, oldest first. */
  get credentialIds(): readonly string[] {
    return this.#passkeys.map((passkey) => passkey.id);
  }

  /** `navigator.credentials.create()`: makes a passkey. */
  create(options: unknown, deviations: Deviations = {}) {
    const { challenge, rp, user } = options as CreationOptions;
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const credentialId = randomBytes(32);
    const passkey: Passkey = {
      id: credentialId.toString('base64url'),
      rpId: rp.id,
      userHandle: user.id,
      privateKey,
      counter: this.#counting ? 1 : 0,
    };
    this.#passkeys.push(passkey);
    const attested = Buffer.concat([
      Buffer.alloc(16),
      Buffer.from([0, credentialId.length]),
      credentialId,
      coseKey(publicKey),
    ]);
    const authData = authenticatorData(passkey, flag.attested, deviations, attested);
    const attestation = deviations.attestation ?? { fmt: 'none', attStmt: new Map() };
    const object = new Map<string, Cbor>([
      ['fmt', attestation.fmt],
      ['attStmt', attestation.attStmt],
      ['authData', authData],
    ]);
    return {
      id: passkey.id,
      rawId: passkey.id,
      type: 'public-key' as const,
      authenticatorAttachment: 'platform',
      clientExtensionResults: {},
      response: {
        clientDataJSON: this.#clientData('webauthn.create', challenge, deviations).toString('base64url'),
        attestationObject: encodeCbor(object).toString('base64url'),
        transports: ['internal', 'hybrid'],
      },
    };
  }

  /** `navigator.credentials.get()`: uses the newest passkey of the site, or the one named. */
  get(options: unknown, deviations: Deviations = {}, credentialId?: string) {
    const { challenge, rpId } = options as RequestOptions;
    const passkey = this.#passkeys.findLast(
      (held) => held.rpId === rpId && (credentialId === undefined || held.id === credentialId),
    );
    if (passkey === undefined) throw new Error('no passkey for this site');
    if (this.#counting) passkey.counter += 1;
    const authData = authenticatorData(passkey, 0, deviations);
    const clientData = this.#clientData('webauthn.get', challenge, deviations);
    const signed = Buffer.concat([authData, createHash('sha256').update(clientData).digest()]);
    return {
      id: passkey.id,
      rawId: passkey.id,
      type: 'public-key' as const,
      authenticatorAttachment: 'platform',
      clientExtensionResults: {},
      response: {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: sign('sha256', signed, passkey.privateKey).toString('base64url'),
        userHandle: deviations.userHandle ?? passkey.userHandle,
      },
    };
  }

  #clientData(type: string, challenge: string, deviations: Deviations): Buffer {
    return Buffer.from(
      JSON.stringify({
        type: deviations.type ?? type,
        challenge: deviations.challenge ?? challenge,
        origin: deviations.origin ?? this.#origin,
        crossOrigin: false,
      }),
    );
  }
}

/** WebAuthn §6.1. */
function authenticatorData(
  passkey: Passkey,
  flags: number,
  deviations: Deviations,
  attested: Buffer = Buffer.alloc(0),
): Buffer {
  const counter = Buffer.alloc(4);
  counter.writeUInt32BE(deviations.counter ?? passkey.counter);
  const synced = flag.backupEligible | flag.backedUp;
  const present = deviations.userPresent === false ? 0 : flag.userPresent;
  const verified = deviations.userVerified === false ? 0 : flag.userVerified;
  const rpIdHash = createHash('sha256')
    .update(deviations.rpId ?? passkey.rpId)
    .digest();
  return Buffer.concat([rpIdHash, Buffer.of(flags | synced | present | verified), counter, attested]);
}

/** An EC2 key with ES256 (RFC 9053 §7.1). */
function coseKey(publicKey: KeyObject): Buffer {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  return encodeCbor(
    new Map<number, Cbor>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ]),
  );
}

/** The part of CBOR (RFC 8949) that WebAuthn needs, definite lengths only. */
function encodeCbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string')
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  if (value instanceof Map) {
    const entries = [...(value as CborMap)].flatMap(([key, item]) => [encodeCbor(key), encodeCbor(item)]);
    return Buffer.concat([head(5, value.size), ...entries]);
  }
  const items = value as readonly Cbor[];
  return Buffer.concat([head(4, items.length), ...items.map(encodeCbor)]);
}

function head(major: number, argument: number): Buffer {
  const type = major << 5;
  if (argument < 24) return Buffer.of(type | argument);
  if (argument < 0x100) return Buffer.of(type | 24, argument);
  return Buffer.of(type | 25, argument >> 8, argument & 0xff);
}
