import type { AuthenticationService } from 'ts-mls/authenticationService.js';
import type { ClientConfig } from 'ts-mls/clientConfig.js';
import type { ClientState, GroupState as MlsState } from 'ts-mls/clientState.js';
import type { Credential as MlsCredential } from 'ts-mls/credential.js';
import type { CiphersuiteImpl } from 'ts-mls/crypto/ciphersuite.js';
import type { KeyPackage } from 'ts-mls/keyPackage.js';
import type { LeafNode } from 'ts-mls/leafNode.js';
import { safeNumber, sameBytes } from './bytes.ts';
import { leafCredential, ourSuite } from './codec.ts';
import { sameDevice } from './commit-plan.ts';
import { GroupCryptoError, type GroupCryptoErrorCode } from './errors.ts';
import { readCredential, verifyDeviceCertificate } from './identity.ts';
import { LIMITS } from './limits.ts';
import { suiteImplementation } from './suite.ts';
import { toGroupCryptoError } from './translate.ts';
import type { GroupCryptoOptions, GroupState, Suite } from './types.ts';

/** What all operations of one {@link GroupCrypto} share. */
export interface Context {
  readonly options: GroupCryptoOptions;
  suite(suite: Suite): Promise<CiphersuiteImpl>;
}

export function createContext(options: GroupCryptoOptions): Context {
  const suites = new Map<Suite, Promise<CiphersuiteImpl>>();
  return {
    options,
    suite(suite) {
      const known = suites.get(suite) ?? suiteImplementation(ourSuite(suite), options.random);
      suites.set(suite, known);
      return known;
    },
  };
}

/** Default padding of what has no bucket of its own (private commits). */
const COMMIT_PADDING = 4096;

/**
 * One call into ts-mls: its configuration, and the reason when it refuses a credential, of which ts-mls itself only
 * learns yes or no.
 */
export interface Session {
  readonly config: ClientConfig;
  run<T>(what: string, fallback: GroupCryptoErrorCode, work: () => Promise<T>): Promise<T>;
}

export function openSession(context: Context, padUntilLength: number = COMMIT_PADDING): Session {
  const refusals: GroupCryptoError[] = [];
  return {
    config: clientConfig(authenticationService(context.options.trust, refusals), padUntilLength),
    async run(what, fallback, work) {
      try {
        return await work();
      } catch (error) {
        throw refusals[0] ?? toGroupCryptoError(error, what, fallback);
      }
    },
  };
}

function authenticationService(
  trust: GroupCryptoOptions['trust'],
  refusals: GroupCryptoError[],
): AuthenticationService {
  return {
    async validateCredential(credential, signaturePublicKey) {
      try {
        await requireTrusted(credential, signaturePublicKey, trust);
        return true;
      } catch (error) {
        refusals.push(toGroupCryptoError(error, 'trust', 'untrusted_identity'));
        return false;
      }
    },
  };
}

/** A certificate that ran out is judged when its leaf enters a group, not for as long as it stays. */
async function requireTrusted(
  credential: MlsCredential,
  signaturePublicKey: Uint8Array,
  trust: GroupCryptoOptions['trust'],
): Promise<void> {
  if (credential.credentialType !== 'basic')
    throw new GroupCryptoError('bad_credential', 'not a basic credential');
  const ours = readCredential(credential.identity);
  await verifyDeviceCertificate(ours, signaturePublicKey);
  if ((await trust(ours.accountId, ours.identityPublicKey)) !== true)
    throw new GroupCryptoError('untrusted_identity', 'identity key is not trusted for its account');
}

function clientConfig(authService: AuthenticationService, padUntilLength: number): ClientConfig {
  return {
    authService,
    keyRetentionConfig: {
      retainKeysForGenerations: LIMITS.lateGenerations,
      retainKeysForEpochs: LIMITS.pastEpochs,
      maximumForwardRatchetSteps: LIMITS.forwardSteps,
    },
    // We judge lifetimes ourselves, by the caller's clock and only where a leaf enters; see requireLifetime.
    lifetimeConfig: {
      maximumTotalLifetime: BigInt(LIMITS.keyPackageLifetimeSeconds + 2 * LIMITS.clockSkewSeconds),
      validateLifetimeOnReceive: false,
    },
    keyPackageEqualityConfig: {
      compareKeyPackages: (a, b) => sameClient(a.leafNode, b.leafNode),
      compareKeyPackageToLeafNode: (a: KeyPackage, b: LeafNode) => sameClient(a.leafNode, b),
    },
    paddingConfig: { kind: 'padUntilLength', padUntilLength },
  };
}

/** ts-mls would compare signature keys only; then one device could stand in a group twice. */
function sameClient(a: LeafNode, b: LeafNode): boolean {
  return (
    sameBytes(a.signaturePublicKey, b.signaturePublicKey) || sameDevice(leafCredential(a), leafCredential(b))
  );
}

// The MLS state stays out of the object handed to callers: it cannot be read, logged or cloned by mistake.
const inner = new WeakMap<GroupState, MlsState>();

/** Hides an MLS state behind ours. */
export function wrapState(mls: MlsState): GroupState {
  const state = Object.freeze({
    groupId: mls.groupContext.groupId.slice(),
    epoch: safeNumber(mls.groupContext.epoch),
    suite: ourSuite(mls.groupContext.cipherSuite),
    leaf: mls.privatePath.leafIndex,
    active: mls.groupActiveState.kind === 'active',
  }) as unknown as GroupState;
  inner.set(state, mls);
  return state;
}

export function unwrapState(state: GroupState): MlsState {
  const mls = inner.get(state);
  if (mls === undefined) throw new GroupCryptoError('bad_argument', 'not a group state');
  return mls;
}

/** The state as ts-mls wants it, under this call's configuration. */
export function withConfig(mls: MlsState, session: Session): ClientState {
  return { ...mls, clientConfig: session.config };
}

/** The MLS state of a device that may still act; `not_member` after its removal. */
export function activeState(state: GroupState, session: Session): ClientState {
  if (!state.active) throw new GroupCryptoError('not_member', 'this device was removed');
  return withConfig(unwrapState(state), session);
}
