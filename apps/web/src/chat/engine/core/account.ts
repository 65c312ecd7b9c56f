import { type Identity, identityFromSeed } from '@accord/group-crypto';
import type { Body, Reply } from '@accord/protocol';
import { EngineError, type Me } from '../api.ts';
import { fromBase64Url, sameBytes, toBase64Url } from './bytes.ts';
import { codeKeys, readCode } from './codes.ts';
import {
  enrolment,
  identityFromCode,
  type Keys,
  keysToStore,
  newCode,
  newDevice,
  type StoredKeys,
  signedBox,
  signInProof,
  storedKeys,
  unwrapIdentity,
  wrapIdentity,
} from './keys.ts';
import type { Http, Random } from './ports.ts';
import { SealError } from './seal.ts';
import { Batch, type Store } from './store.ts';

type Credential = Body<'accounts.registration.finish'>['credential'];

/** What the page brings back from the passkey: the response, and the PRF output where there was one. */
export interface Passkey {
  readonly ceremonyId: string;
  readonly credential: Credential;
  readonly prf: Uint8Array | null;
  readonly deviceName: string;
}

/** What the page needs to ask for the passkey. */
export interface Ceremony {
  readonly ceremonyId: string;
  readonly options: Record<string, unknown>;
}

interface Begun {
  readonly accountId: string;
  readonly keys: Keys;
  readonly kind: 'registration' | 'recovery' | 'link';
}

/**
 * Accounts and the keys of this browser. Keys are stored before the server learns of them (`enrolling`), so
 * that no account exists whose keys are nowhere; a crash in between is settled at the next start.
 */
export class Account {
  readonly #store: Store;
  readonly #http: Http;
  readonly #random: Random;
  readonly #begun = new Map<string, Begun>();
  #keys: Keys | null = null;

  constructor(store: Store, http: Http, random: Random) {
    this.#store = store;
    this.#http = http;
    this.#random = random;
  }

  get keys(): Keys | null {
    return this.#keys;
  }

  /** @throws {EngineError} `no_keys` */
  requireKeys(): Keys {
    if (this.#keys === null) throw new EngineError('no_keys');
    return this.#keys;
  }

  async load(): Promise<void> {
    const stored = await this.#store.get<StoredKeys>('vault', 'keys');
    this.#keys = stored === undefined ? null : await storedKeys(stored);
  }

  /** After a crash between the server's answer and our note of it. */
  async settleEnrolment(me: Me): Promise<void> {
    const stored = await this.#store.get<StoredKeys>('vault', 'enrolling');
    if (stored === undefined || this.#keys !== null) return;
    const keys = await storedKeys(stored);
    if (me.device?.id === keys.device.deviceId) await this.#adopt(keys);
  }

  async beginRegistration(pseudonym: string): Promise<Ceremony> {
    if (this.#keys !== null) throw new EngineError('other_account');
    const { ceremonyId, accountId, options } = await this.#http.call('accounts.registration.begin', {
      body: { pseudonym },
    });
    const identity = await identityFromSeed(this.#random(32));
    await this.#begin(ceremonyId, accountId, identity, 'registration');
    return { ceremonyId, options };
  }

  async finishRegistration(passkey: Passkey): Promise<{ me: Me; recoveryCode: string }> {
    const { keys, accountId } = this.#take(passkey.ceremonyId);
    const recovery = await newCode(accountId, keys.identity, this.#random);
    const body: Body<'accounts.registration.finish'> = {
      credential: passkey.credential,
      identityPublicKey: toBase64Url(keys.identity.publicKey),
      ...(await signedBox(accountId, keys.identity)),
      device: enrolment(keys.device, passkey.deviceName),
      recovery: recovery.sealed,
      ...(await this.#wrapped(accountId, keys.identity, passkey.prf)),
    };
    await this.#prepare(keys);
    const { ceremonyId } = passkey;
    const me = await this.#http.call('accounts.registration.finish', { params: { ceremonyId }, body });
    await this.#adopt(keys);
    return { me, recoveryCode: recovery.code };
  }

  async beginSignIn(): Promise<Ceremony> {
    return this.#http.call('accounts.signIn.begin', { body: {} });
  }

  /** `removed`: the keys of this browser are of a device that was taken out of the account. */
  async finishSignIn(
    passkey: Passkey,
  ): Promise<{ outcome: 'signed-in' | 'needs-code'; me: Me; removed: boolean }> {
    const keys = this.#keys;
    const handle = userHandle(passkey.credential);
    if (keys !== null && handle !== null && handle !== keys.device.accountId.replaceAll('-', ''))
      throw new EngineError('other_account');
    const proof = keys === null ? {} : { device: await signInProof(keys.device, passkey.ceremonyId) };
    const { me, wrappedIdentity } = await this.#http.call('accounts.signIn.finish', {
      params: { ceremonyId: passkey.ceremonyId },
      body: { credential: passkey.credential, ...proof },
    });
    if (me.device !== null && me.device.id === keys?.device.deviceId)
      return { outcome: 'signed-in', me, removed: false };
    const removed = keys !== null;
    if (removed) await this.wipe();
    const identity = await this.#unwrapped(me, wrappedIdentity, passkey.prf);
    if (identity === null) return { outcome: 'needs-code', me, removed };
    return { outcome: 'signed-in', me: await this.#enrol(me, identity, passkey), removed };
  }

  async beginReturn(typed: string): Promise<Ceremony> {
    if (this.#keys !== null) throw new EngineError('other_account');
    const secret = await readCode(typed);
    const { id } = await codeKeys(secret);
    const begun = await this.#http.call('accounts.return.begin', { body: { id: toBase64Url(id) } });
    try {
      const identity = await identityFromCode(begun.accountId, secret, begun.sealedIdentity);
      await this.#begin(begun.ceremonyId, begun.accountId, identity, begun.kind);
    } catch (error) {
      // A server that hands out something else than was sealed under the code.
      if (error instanceof SealError) throw new EngineError('code_unknown');
      throw error;
    }
    return { ceremonyId: begun.ceremonyId, options: begun.options };
  }

  async finishReturn(passkey: Passkey): Promise<{ me: Me; recoveryCode: string | null }> {
    const { keys, accountId, kind } = this.#take(passkey.ceremonyId);
    const recovery = kind === 'recovery' ? await newCode(accountId, keys.identity, this.#random) : null;
    const body: Body<'accounts.return.finish'> = {
      credential: passkey.credential,
      device: enrolment(keys.device, passkey.deviceName),
      ...(recovery === null ? {} : { recovery: recovery.sealed }),
      ...(await this.#wrapped(accountId, keys.identity, passkey.prf)),
    };
    await this.#prepare(keys);
    const { ceremonyId } = passkey;
    const me = await this.#http.call('accounts.return.finish', { params: { ceremonyId }, body });
    await this.#adopt(keys);
    return { me, recoveryCode: recovery?.code ?? null };
  }

  async createLinkCode(): Promise<{ code: string; expiresAt: number }> {
    const { identity, device } = this.requireKeys();
    const { code, sealed } = await newCode(device.accountId, identity, this.#random);
    const { expiresAt } = await this.#http.call('accounts.links.create', { body: sealed });
    return { code, expiresAt };
  }

  async replaceRecoveryCode(): Promise<{ code: string }> {
    const { identity, device } = this.requireKeys();
    const { code, sealed } = await newCode(device.accountId, identity, this.#random);
    await this.#http.call('accounts.recovery.replace', { body: sealed });
    return { code };
  }

  /** Everything in this browser goes. */
  async wipe(): Promise<void> {
    this.#keys = null;
    this.#begun.clear();
    await this.#store.clear();
  }

  async #begin(
    ceremonyId: string,
    accountId: string,
    identity: Identity,
    kind: Begun['kind'],
  ): Promise<void> {
    const device = await newDevice(accountId, identity, this.#random);
    this.#begun.set(ceremonyId, { accountId, keys: { identity, device }, kind });
  }

  #take(ceremonyId: string): Begun {
    const begun = this.#begun.get(ceremonyId);
    if (begun === undefined) throw new EngineError('ceremony_failed');
    this.#begun.delete(ceremonyId);
    return begun;
  }

  async #enrol(me: Me, identity: Identity, passkey: Passkey): Promise<Reply<'accounts.devices.enrol'>> {
    const device = await newDevice(me.id, identity, this.#random);
    const keys = { identity, device };
    await this.#prepare(keys);
    const enrolled = await this.#http.call('accounts.devices.enrol', {
      body: { device: enrolment(device, passkey.deviceName) },
    });
    await this.#adopt(keys);
    return enrolled;
  }

  async #wrapped(
    accountId: string,
    identity: Identity,
    prf: Uint8Array | null,
  ): Promise<{ wrappedIdentity?: string }> {
    return prf === null
      ? {}
      : { wrappedIdentity: await wrapIdentity(accountId, identity, prf, this.#random) };
  }

  /** The identity key of the account, out of the passkey; null where it holds none, or another one. */
  async #unwrapped(me: Me, wrapped: string | null, prf: Uint8Array | null): Promise<Identity | null> {
    if (wrapped === null || prf === null) return null;
    try {
      const identity = await unwrapIdentity(me.id, wrapped, prf);
      return sameBytes(identity.publicKey, fromBase64Url(me.identityPublicKey)) ? identity : null;
    } catch (error) {
      if (error instanceof SealError) return null;
      throw error;
    }
  }

  async #prepare(keys: Keys): Promise<void> {
    await this.#store.commit(new Batch().put('vault', 'enrolling', keysToStore(keys)));
  }

  async #adopt(keys: Keys): Promise<void> {
    await this.#store.commit(
      new Batch().put('vault', 'keys', keysToStore(keys)).delete('vault', 'enrolling'),
    );
    this.#keys = keys;
  }
}

/** The account that a discoverable passkey is of, in hex; null where the authenticator does not say. */
function userHandle(credential: Credential): string | null {
  const response = (credential as { response?: { userHandle?: unknown } }).response;
  if (typeof response?.userHandle !== 'string') return null;
  const bytes = fromBase64Url(response.userHandle);
  return bytes.length === 16
    ? Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
    : null;
}
