import { defaultClientConfig } from 'ts-mls/clientConfig.js';
import { type ClientState, joinGroup, makePskIndex } from 'ts-mls/clientState.js';
import type { CiphersuiteImpl } from 'ts-mls/crypto/ciphersuite.js';
import { decodeMlsMessage } from 'ts-mls/message.js';
import { processPrivateMessage, processPublicMessage } from 'ts-mls/processMessages.js';
import { decodeRatchetTree } from 'ts-mls/ratchetTree.js';
import { bytesToBase64 } from 'ts-mls/util/byteArray.js';
import { expect } from 'vitest';
import { bytes, decoded, describeVectors, hex, implementation } from './support.ts';

interface PassiveClient {
  cipher_suite: number;
  external_psks: { psk_id: string; psk: string }[];
  key_package: string;
  signature_priv: string;
  encryption_priv: string;
  init_priv: string;
  welcome: string;
  ratchet_tree: string | null;
  initial_epoch_authenticator: string;
  epochs: { proposals: string[]; commit: string; epoch_authenticator: string }[];
}

type Psks = Record<string, Uint8Array>;

/** The vectors' credentials are not ours, so they run under ts-mls's own configuration, which trusts everyone. */
async function join(v: PassiveClient, psks: Psks, cs: CiphersuiteImpl): Promise<ClientState> {
  const [kp, mls] = [decoded(decodeMlsMessage, v.key_package), decoded(decodeMlsMessage, v.welcome)];
  if (kp.wireformat !== 'mls_key_package' || mls.wireformat !== 'mls_welcome')
    throw new Error('not a welcome');
  const privateKeys = {
    initPrivateKey: bytes(v.init_priv),
    hpkePrivateKey: bytes(v.encryption_priv),
    signaturePrivateKey: bytes(v.signature_priv),
  };
  const tree = v.ratchet_tree === null ? undefined : decoded(decodeRatchetTree, v.ratchet_tree);
  const index = makePskIndex(undefined, psks);
  return joinGroup(mls.welcome, kp.keyPackage, privateKeys, index, cs, tree, undefined, defaultClientConfig);
}

async function receive(
  state: ClientState,
  message: string,
  psks: Psks,
  cs: CiphersuiteImpl,
): Promise<ClientState> {
  const mls = decoded(decodeMlsMessage, message);
  const index = makePskIndex(state, psks);
  if (mls.wireformat === 'mls_private_message')
    return (await processPrivateMessage(state, mls.privateMessage, index, cs)).newState;
  if (mls.wireformat === 'mls_public_message')
    return (await processPublicMessage(state, mls.publicMessage, index, cs)).newState;
  throw new Error('not a group message');
}

async function follow(v: PassiveClient): Promise<void> {
  const cs = await implementation(v.cipher_suite);
  const psks = Object.fromEntries(
    v.external_psks.map((psk) => [bytesToBase64(bytes(psk.psk_id)), bytes(psk.psk)]),
  );
  let state = await join(v, psks, cs);
  expect(hex(state.keySchedule.epochAuthenticator)).toBe(v.initial_epoch_authenticator);
  for (const epoch of v.epochs) {
    for (const proposal of epoch.proposals) state = await receive(state, proposal, psks, cs);
    state = await receive(state, epoch.commit, psks, cs);
    expect(hex(state.keySchedule.epochAuthenticator)).toBe(epoch.epoch_authenticator);
  }
}

describeVectors<PassiveClient>('passive-client-welcome', follow);
describeVectors<PassiveClient>('passive-client-handling-commit', follow);
describeVectors<PassiveClient>('passive-client-random', follow);
