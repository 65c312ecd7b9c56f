import { randomBytes, randomUUID } from 'node:crypto';
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { decodeAttestationObject } from '@simplewebauthn/server/helpers';
import type { Selectable } from 'kysely';
import type { Platform } from '../platform/platform.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tables } from '../platform/tables.ts';
import { fromBase64url } from './keys.ts';

/** A WebAuthn response as the contract lets it through: the library checks the inside. */
type Credential = Readonly<Record<string, unknown>> & { readonly id: string };

/** A passkey that was just made, as it is stored. */
export type NewPasskey = Pick<
  Selectable<Tables['passkey']>,
  'credential_id' | 'public_key' | 'sign_count' | 'transports' | 'backed_up'
>;

type StoredPasskey = Selectable<Tables['passkey']>;

const timeout = 5 * 60_000;

/** The passkeys of our site: WebAuthn Level 3, discoverable, with user verification, without attestation. */
export interface Passkeys {
  creationOptions(account: { readonly id: string; readonly pseudonym: string }): Promise<CeremonyOptions>;
  /** @param credentialIds the passkeys that may answer; any of ours where none is named */
  requestOptions(credentialIds?: readonly string[]): Promise<CeremonyOptions>;
  /** @throws {Refusal} `ceremony_failed` */
  created(credential: Credential, challenge: string): Promise<NewPasskey>;
  /**
   * Whether the response is the passkey's; its new counter. A counter that does not rise is refused (a clone).
   * `undefined` takes as long as a passkey of ours, and fails.
   * @throws {Refusal} `ceremony_failed`
   */
  used(credential: Credential, challenge: string, passkey: StoredPasskey | undefined): Promise<UsedPasskey>;
}

interface CeremonyOptions {
  readonly challenge: string;
  readonly options: Record<string, unknown>;
}

export interface UsedPasskey {
  readonly counter: number;
  readonly backedUp: boolean;
}

export function createPasskeys({ config }: Platform): Passkeys {
  const rpID = config.publicUrl.hostname;
  const site = { expectedOrigin: config.publicUrl.origin, expectedRPID: rpID, requireUserVerification: true };
  return {
    async creationOptions({ id, pseudonym }) {
      const userID = new Uint8Array(Buffer.from(id.replaceAll('-', ''), 'hex'));
      return asOptions(
        await generateRegistrationOptions({
          rpName: 'Accord',
          rpID,
          userName: pseudonym,
          userID,
          attestationType: 'none',
          authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
          timeout,
        }),
      );
    },

    async requestOptions(credentialIds) {
      const allowed = credentialIds?.map((id) => ({ id }));
      return asOptions(
        await generateAuthenticationOptions({
          rpID,
          userVerification: 'required',
          timeout,
          ...(allowed !== undefined && { allowCredentials: allowed }),
        }),
      );
    },

    async created(credential, expectedChallenge) {
      const response = credential as unknown as RegistrationResponseJSON;
      const verified = await orFailed(async () => {
        assertUnattested(response);
        return verifyRegistrationResponse({ response, expectedChallenge, ...site });
      });
      if (!verified.verified) throw new Refusal('ceremony_failed');
      const { credential: made, credentialBackedUp: backed_up } = verified.registrationInfo;
      const key = { public_key: Buffer.from(made.publicKey), sign_count: String(made.counter) };
      return { credential_id: made.id, ...key, transports: readTransports(response), backed_up };
    },

    async used(credential, expectedChallenge, passkey) {
      const response = credential as unknown as AuthenticationResponseJSON;
      const stored = passkey ?? decoy;
      const { verified, authenticationInfo } = await orFailed(() => {
        assertOwnHandle(response, stored.account_id);
        return verifyAuthenticationResponse({
          response,
          expectedChallenge,
          ...site,
          credential: {
            id: stored.credential_id,
            publicKey: new Uint8Array(stored.public_key),
            counter: Number(stored.sign_count),
          },
        });
      });
      if (!verified || passkey === undefined) throw new Refusal('ceremony_failed');
      return { counter: authenticationInfo.newCounter, backedUp: authenticationInfo.credentialBackedUp };
    },
  };
}

const asOptions = (options: { readonly challenge: string }): CeremonyOptions => ({
  challenge: options.challenge,
  options: { ...options },
});

/** The library says by throwing what is wrong with a response; a person needs to know only that it failed. */
async function orFailed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch {
    throw new Refusal('ceremony_failed');
  }
}

/**
 * We ask for no attestation. One that comes all the same is refused before anything looks at it: its certificates
 * may name addresses from which a verifier fetches revocation lists. Self-attestation (`packed` without
 * certificates) is what a browser may leave in place, WebAuthn §5.1.3.
 */
function assertUnattested(response: RegistrationResponseJSON): void {
  const object = decodeAttestationObject(new Uint8Array(fromBase64url(response.response.attestationObject)));
  const format = object.get('fmt');
  const self = format === 'packed' && object.get('attStmt').get('x5c') === undefined;
  if (format !== 'none' && !self) throw new Error('attested');
}

/** A discoverable credential names its account; it must be the one that we know it by (WebAuthn §7.2, step 6). */
function assertOwnHandle(response: AuthenticationResponseJSON, accountId: string): void {
  const handle = response.response.userHandle;
  if (handle === undefined) return;
  const expected = Buffer.from(accountId.replaceAll('-', ''), 'hex').toString('base64url');
  if (handle !== expected) throw new Error('another account');
}

const knownTransports = new Set(['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb']);

function readTransports(response: RegistrationResponseJSON): string[] {
  const named: unknown = response.response.transports;
  return Array.isArray(named)
    ? [...new Set(named.filter((name) => knownTransports.has(name as string)))]
    : [];
}

/** The generator point of P-256 (SEC 2) as a COSE key: a valid key to which nobody has the passkey. */
const decoyKey = Buffer.from(
  'a5010203262001215820' +
    '6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296' +
    '225820' +
    '4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
  'hex',
);

const decoy: StoredPasskey = {
  credential_id: randomBytes(32).toString('base64url'),
  account_id: randomUUID(),
  public_key: decoyKey,
  sign_count: '0',
  transports: [],
  backed_up: false,
  wrapped_identity: null,
  added_at: new Date(0),
};
