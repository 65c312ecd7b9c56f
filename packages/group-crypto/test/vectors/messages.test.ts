import { decodeAuthenticatedContent } from 'ts-mls/authenticatedContent.js';
import type { Decoder } from 'ts-mls/codec/tlsDecoder.js';
import type { Encoder } from 'ts-mls/codec/tlsEncoder.js';
import { decodeCommit, encodeCommit } from 'ts-mls/commit.js';
import {
  createConfirmationTag,
  createContentCommitSignature,
  verifyConfirmationTag,
} from 'ts-mls/framedContent.js';
import { verifyGroupInfoConfirmationTag, verifyGroupInfoSignature } from 'ts-mls/groupInfo.js';
import { decodeGroupSecrets, encodeGroupSecrets } from 'ts-mls/groupSecrets.js';
import { makeKeyPackageRef } from 'ts-mls/keyPackage.js';
import { decodeMlsMessage, encodeMlsMessage, type MLSMessage } from 'ts-mls/message.js';
import {
  protect,
  protectApplicationData,
  protectProposal,
  unprotectPrivateMessage,
} from 'ts-mls/messageProtection.js';
import {
  protectProposalPublic,
  protectPublicMessage,
  unprotectPublicMessage,
} from 'ts-mls/messageProtectionPublic.js';
import type { PrivateMessage } from 'ts-mls/privateMessage.js';
import {
  decodeAdd,
  decodeExternalInit,
  decodeGroupContextExtensions,
  decodeProposal,
  decodePSK,
  decodeReinit,
  decodeRemove,
  decodeUpdate,
  encodeAdd,
  encodeExternalInit,
  encodeGroupContextExtensions,
  encodeProposal,
  encodePSK,
  encodeReinit,
  encodeRemove,
  encodeUpdate,
} from 'ts-mls/proposal.js';
import type { PublicMessage } from 'ts-mls/publicMessage.js';
import { decodeRatchetTree, encodeRatchetTree } from 'ts-mls/ratchetTree.js';
import { createSecretTree } from 'ts-mls/secretTree.js';
import { createConfirmedHash, createInterimHash } from 'ts-mls/transcriptHash.js';
import { decryptGroupInfo, decryptGroupSecrets } from 'ts-mls/welcome.js';
import { expect } from 'vitest';
import { bytes, decoded, describeVectors, groupContext, hex, implementation } from './support.ts';

type Check = (value: string) => void;

function roundTrip<T>(decode: Decoder<T>, encode: Encoder<T>): Check {
  return (value) => expect(hex(encode(decoded(decode, value)))).toBe(value);
}

const message = roundTrip<MLSMessage>(decodeMlsMessage, encodeMlsMessage);

const STRUCTURES: Record<string, Check> = {
  mls_welcome: message,
  mls_group_info: message,
  mls_key_package: message,
  ratchet_tree: roundTrip(decodeRatchetTree, encodeRatchetTree),
  group_secrets: roundTrip(decodeGroupSecrets, encodeGroupSecrets),
  add_proposal: roundTrip(decodeAdd, encodeAdd),
  update_proposal: roundTrip(decodeUpdate, encodeUpdate),
  remove_proposal: roundTrip(decodeRemove, encodeRemove),
  pre_shared_key_proposal: roundTrip(decodePSK, encodePSK),
  re_init_proposal: roundTrip(decodeReinit, encodeReinit),
  external_init_proposal: roundTrip(decodeExternalInit, encodeExternalInit),
  group_context_extensions_proposal: roundTrip(decodeGroupContextExtensions, encodeGroupContextExtensions),
  commit: roundTrip(decodeCommit, encodeCommit),
  public_message_application: message,
  public_message_proposal: message,
  public_message_commit: message,
  private_message: message,
};

describeVectors<Record<string, string>>('messages', (vector) => {
  expect(Object.keys(vector).sort()).toEqual(Object.keys(STRUCTURES).sort());
  for (const [name, check] of Object.entries(STRUCTURES)) check(vector[name] ?? '');
});

interface Protection {
  cipher_suite: number;
  group_id: string;
  epoch: number;
  tree_hash: string;
  confirmed_transcript_hash: string;
  signature_priv: string;
  signature_pub: string;
  encryption_secret: string;
  sender_data_secret: string;
  membership_key: string;
  proposal: string;
  proposal_priv: string;
  proposal_pub: string;
  commit: string;
  commit_priv: string;
  commit_pub: string;
  application: string;
  application_priv: string;
}

const SENDER = 1;
const RETENTION = {
  retainKeysForGenerations: 64,
  retainKeysForEpochs: 8,
  maximumForwardRatchetSteps: 20_000,
};
const PADDING = { kind: 'padUntilLength', padUntilLength: 256 } as const;

/** Opens and makes messages of the vector's two-member group. */
async function workbench(v: Protection) {
  const cs = await implementation(v.cipher_suite);
  const context = groupContext(cs, v);
  const signKey = bytes(v.signature_priv);
  const senderDataSecret = bytes(v.sender_data_secret);
  const membershipKey = bytes(v.membership_key);
  const verifyKey = bytes(v.signature_pub);
  const tree = () => createSecretTree(2, bytes(v.encryption_secret), cs.kdf);
  const openPrivate = async (pm: PrivateMessage) =>
    (await unprotectPrivateMessage(senderDataSecret, pm, await tree(), [], context, RETENTION, cs, verifyKey))
      .content.content;
  const openPublic = async (pm: PublicMessage) =>
    (await unprotectPublicMessage(membershipKey, context, [], pm, cs, verifyKey)).content;
  return { cs, context, signKey, senderDataSecret, membershipKey, tree, openPrivate, openPublic };
}

function privateOf(value: string): PrivateMessage {
  const mls = decoded(decodeMlsMessage, value);
  if (mls.wireformat !== 'mls_private_message') throw new Error('not private');
  return mls.privateMessage;
}

function publicOf(value: string): PublicMessage {
  const mls = decoded(decodeMlsMessage, value);
  if (mls.wireformat !== 'mls_public_message') throw new Error('not public');
  return mls.publicMessage;
}

type Content = Awaited<ReturnType<Awaited<ReturnType<typeof workbench>>['openPrivate']>>;

function payload(content: Content | PublicMessage['content']): string {
  if (content.contentType === 'proposal') return hex(encodeProposal(content.proposal));
  if (content.contentType === 'commit') return hex(encodeCommit(content.commit));
  return hex(content.applicationData);
}

describeVectors<Protection>('message-protection', async (v) => {
  const w = await workbench(v);
  const none = new Uint8Array();
  expect(payload(await w.openPrivate(privateOf(v.proposal_priv)))).toBe(v.proposal);
  expect(payload(await w.openPublic(publicOf(v.proposal_pub)))).toBe(v.proposal);
  expect(payload(await w.openPrivate(privateOf(v.commit_priv)))).toBe(v.commit);
  expect(payload(await w.openPublic(publicOf(v.commit_pub)))).toBe(v.commit);
  expect(payload(await w.openPrivate(privateOf(v.application_priv)))).toBe(v.application);

  const proposal = decoded(decodeProposal, v.proposal);
  const proposed = await protectProposal(
    w.signKey,
    w.senderDataSecret,
    proposal,
    none,
    w.context,
    await w.tree(),
    SENDER,
    PADDING,
    w.cs,
  );
  expect(payload(await w.openPrivate(proposed.privateMessage))).toBe(v.proposal);
  const proposedOpenly = await protectProposalPublic(
    w.signKey,
    w.membershipKey,
    w.context,
    none,
    proposal,
    SENDER,
    w.cs,
  );
  expect(payload(await w.openPublic(proposedOpenly.publicMessage))).toBe(v.proposal);
  const said = await protectApplicationData(
    w.signKey,
    w.senderDataSecret,
    bytes(v.application),
    none,
    w.context,
    await w.tree(),
    SENDER,
    PADDING,
    w.cs,
  );
  expect(payload(await w.openPrivate(said.privateMessage))).toBe(v.application);
  await commitBothWays(v, w);
});

async function commitBothWays(v: Protection, w: Awaited<ReturnType<typeof workbench>>): Promise<void> {
  const commit = decoded(decodeCommit, v.commit);
  const none = new Uint8Array();
  const confirmationTag = await createConfirmationTag(
    w.membershipKey,
    w.context.confirmedTranscriptHash,
    w.cs.hash,
  );
  const sign = (wireformat: 'mls_public_message' | 'mls_private_message') =>
    createContentCommitSignature(
      w.context,
      wireformat,
      commit,
      { senderType: 'member', leafIndex: SENDER },
      none,
      w.signKey,
      w.cs.signature,
    );
  const hidden = await sign('mls_private_message');
  const auth = { contentType: 'commit', confirmationTag } as const;
  const sealed = await protect(
    w.senderDataSecret,
    none,
    w.context,
    await w.tree(),
    { ...hidden.framedContent, auth: { ...auth, signature: hidden.signature } },
    SENDER,
    PADDING,
    w.cs,
  );
  expect(payload(await w.openPrivate(sealed.privateMessage))).toBe(v.commit);
  const open = await sign('mls_public_message');
  const content = {
    wireformat: 'mls_public_message',
    content: open.framedContent,
    auth: { ...auth, signature: open.signature },
  } as const;
  expect(
    payload(await w.openPublic(await protectPublicMessage(w.membershipKey, w.context, content, w.cs))),
  ).toBe(v.commit);
}

interface TranscriptHashes {
  cipher_suite: number;
  confirmation_key: string;
  authenticated_content: string;
  interim_transcript_hash_before: string;
  confirmed_transcript_hash_after: string;
  interim_transcript_hash_after: string;
}

describeVectors<TranscriptHashes>('transcript-hashes', async (v) => {
  const { hash } = await implementation(v.cipher_suite);
  const { wireformat, content, auth } = decoded(decodeAuthenticatedContent, v.authenticated_content);
  if (content.contentType !== 'commit' || auth.contentType !== 'commit') throw new Error('not a commit');
  const before = bytes(v.interim_transcript_hash_before);
  const confirmed = await createConfirmedHash(
    before,
    { wireformat, content, signature: auth.signature },
    hash,
  );
  expect(hex(confirmed)).toBe(v.confirmed_transcript_hash_after);
  expect(hex(await createInterimHash(confirmed, auth.confirmationTag, hash))).toBe(
    v.interim_transcript_hash_after,
  );
  expect(await verifyConfirmationTag(bytes(v.confirmation_key), auth.confirmationTag, confirmed, hash)).toBe(
    true,
  );
});

describeVectors<{
  cipher_suite: number;
  init_priv: string;
  key_package: string;
  signer_pub: string;
  welcome: string;
}>('welcome', async (v) => {
  const cs = await implementation(v.cipher_suite);
  const [kp, mls] = [decoded(decodeMlsMessage, v.key_package), decoded(decodeMlsMessage, v.welcome)];
  if (kp.wireformat !== 'mls_key_package' || mls.wireformat !== 'mls_welcome')
    throw new Error('not a welcome');
  const ref = await makeKeyPackageRef(kp.keyPackage, cs.hash);
  const priv = await cs.hpke.importPrivateKey(bytes(v.init_priv));
  const secrets = await decryptGroupSecrets(priv, ref, mls.welcome, cs.hpke);
  if (secrets === undefined) throw new Error('no secrets');
  const noPsk = new Uint8Array(cs.kdf.size);
  const info = await decryptGroupInfo(mls.welcome, secrets.joinerSecret, noPsk, cs);
  if (info === undefined) throw new Error('no group info');
  expect(await verifyGroupInfoSignature(info, bytes(v.signer_pub), cs.signature)).toBe(true);
  expect(await verifyGroupInfoConfirmationTag(info, secrets.joinerSecret, noPsk, cs)).toBe(true);
});
