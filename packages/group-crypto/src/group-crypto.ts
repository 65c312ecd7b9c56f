import { mlsExporter } from 'ts-mls/keySchedule.js';
import { treeMembers } from './codec.ts';
import { addDevices, proposeRemoval, removeDevices, updateOwnKeys } from './commits.ts';
import { createContext, unwrapState } from './context.ts';
import { GroupCryptoError } from './errors.ts';
import { createGroup, decodeState, encodeState, joinByExternalCommit, joinFromWelcome } from './groups.ts';
import { createKeyPackages } from './key-packages.ts';
import { encrypt, processMessage } from './messages.ts';
import { guarded, guardedSync } from './translate.ts';
import type { GroupCrypto, GroupCryptoOptions } from './types.ts';

/** HKDF's limit at the shorter hash (RFC 5869 §2.3): 255 blocks of 32 bytes. */
const EXPORTER_MAX = 255 * 32;

/**
 * Group cryptography on ts-mls. Randomness for signature keys, HPKE key pairs, path secrets and nonces' reuse guards is
 * `options.random`; HPKE encapsulation draws its ephemeral keys from the platform.
 */
export function createGroupCrypto(options: GroupCryptoOptions): GroupCrypto {
  const context = createContext(options);
  return {
    createKeyPackages: (device, count, how) => createKeyPackages(context, device, count, how),
    createGroup: (how) => createGroup(context, how),
    joinFromWelcome: (how) => joinFromWelcome(context, how),
    joinByExternalCommit: (how) => joinByExternalCommit(context, how),
    encrypt: (state, plaintext, authenticatedData = new Uint8Array()) =>
      encrypt(context, state, plaintext, authenticatedData),
    process: (state, message, clock) => processMessage(context, state, message, clock),
    addDevices: (state, keyPackages, { now }) => addDevices(context, state, keyPackages, now),
    removeDevices: (state, devices) => removeDevices(context, state, devices),
    proposeRemoval: (state, device) => proposeRemoval(context, state, device),
    updateOwnKeys: (state) => updateOwnKeys(context, state),
    members: (state) =>
      guardedSync('members', 'bad_argument', () => treeMembers(unwrapState(state).ratchetTree)),
    epochAuthenticator: (state) =>
      guardedSync('epochAuthenticator', 'bad_argument', () =>
        unwrapState(state).keySchedule.epochAuthenticator.slice(),
      ),
    exporter: (state, label, salt, length) =>
      guarded('exporter', 'bad_argument', async () => {
        if (label.length === 0 || !Number.isInteger(length) || length < 1 || length > EXPORTER_MAX)
          throw new GroupCryptoError('bad_argument', 'label or length out of range');
        const { exporterSecret } = unwrapState(state).keySchedule;
        return mlsExporter(exporterSecret, label, salt, length, await context.suite(state.suite));
      }),
    encodeState,
    decodeState,
  };
}
