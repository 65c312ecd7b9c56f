import type { Decoder } from 'ts-mls/codec/tlsDecoder.js';
import type { Encoder } from 'ts-mls/codec/tlsEncoder.js';
import type { Extension } from 'ts-mls/extension.js';
import type { GroupContext } from 'ts-mls/groupContext.js';
import type { GroupInfo } from 'ts-mls/groupInfo.js';
import type { LeafNode } from 'ts-mls/leafNode.js';
import { decodeMlsMessage, encodeMlsMessage, type MLSMessage } from 'ts-mls/message.js';
import { decodeRatchetTree, encodeRatchetTree, type RatchetTree } from 'ts-mls/ratchetTree.js';
import { copyOf, safeNumber, sameBytes, u16 } from './bytes.ts';
import { GroupCryptoError } from './errors.ts';
import { readCredential } from './identity.ts';
import { DEFAULT_SUITE, FALLBACK_SUITE, LIMITS, PROTOCOL_VERSION } from './limits.ts';
import { guardedSync } from './translate.ts';
import type { Credential, Member, Suite } from './types.ts';

/** Group-context extension of ours (private use, RFC 9420 §17.3): two bytes, the protocol version. */
export const PROTOCOL_EXTENSION = 0xf0ac;

/** `last_resort` key package extension of the MLS extensions draft. */
export const LAST_RESORT_EXTENSION = 0x000a;

/** What a leaf of ours can do: exactly this, so that no peer can negotiate more. */
export const CAPABILITIES = {
  versions: ['mls10' as const],
  ciphersuites: [DEFAULT_SUITE, FALLBACK_SUITE],
  extensions: [PROTOCOL_EXTENSION],
  proposals: [],
  credentials: ['basic' as const],
};

/** A message of one wire format. */
export type Message<W extends MLSMessage['wireformat']> = Extract<MLSMessage, { wireformat: W }>;

/** Bytes of one canonical encoding: ts-mls decodes leniently, so what does not re-encode to the input is refused. */
function decodeExactly<T>(what: string, bytes: Uint8Array, decode: Decoder<T>, encode: Encoder<T>): T {
  return guardedSync(what, 'malformed', () => {
    const decoded = decode(bytes, 0);
    if (decoded === undefined || decoded[1] !== bytes.length || !sameBytes(encode(decoded[0]), bytes))
      throw new GroupCryptoError('malformed', `${what}: not a canonical encoding`);
    return decoded[0];
  });
}

/** Decodes an MLSMessage of the wanted wire format. The result shares no memory with `bytes`. */
export function decodeMessage<W extends MLSMessage['wireformat']>(
  wireformat: W,
  bytes: Uint8Array,
  limit: number,
): Message<W> {
  if (!(bytes instanceof Uint8Array))
    throw new GroupCryptoError('bad_argument', 'bytes must be a Uint8Array');
  if (bytes.length > limit)
    throw new GroupCryptoError('too_large', `${wireformat}: more than ${limit} bytes`);
  const message = decodeExactly<MLSMessage>(wireformat, copyOf(bytes), decodeMlsMessage, encodeMlsMessage);
  if (message.wireformat !== wireformat) throw new GroupCryptoError('malformed', `not a ${wireformat}`);
  return message as Message<W>;
}

/** The suite of a name inside a message; `unsupported_suite` for any but ours. */
export function ourSuite(name: string): Suite {
  if (name === DEFAULT_SUITE || name === FALLBACK_SUITE) return name;
  throw new GroupCryptoError('unsupported_suite', 'cipher suite is not spoken here');
}

/** The group context's extensions of every group of ours. */
export function groupExtensions(): Extension[] {
  return [{ extensionType: PROTOCOL_EXTENSION, extensionData: u16(PROTOCOL_VERSION) }];
}

/** Refuses a group context that is not one of ours: suite, version, id length, epoch range. */
export function requireOurContext(context: GroupContext): { suite: Suite; epoch: number } {
  const suite = ourSuite(context.cipherSuite);
  const [extension, ...more] = context.extensions;
  if (
    extension?.extensionType !== PROTOCOL_EXTENSION ||
    more.length > 0 ||
    !sameBytes(extension.extensionData, u16(PROTOCOL_VERSION))
  )
    throw new GroupCryptoError('unsupported_version', 'group of another protocol version');
  requireGroupId(context.groupId, 'malformed');
  return { suite, epoch: safeNumber(context.epoch) };
}

export function requireGroupId(groupId: Uint8Array, code: 'malformed' | 'bad_argument'): void {
  if (groupId.length < LIMITS.groupIdMin || groupId.length > LIMITS.groupIdMax)
    throw new GroupCryptoError(code, 'group id must be 16 to 32 bytes');
}

/**
 * The ratchet tree inside a GroupInfo, bounded before anything walks over it: a few kilobytes of blank nodes would
 * otherwise cost their receiver seconds of hashing.
 */
export function boundedTree(groupInfo: GroupInfo): RatchetTree {
  const extension = groupInfo.extensions.find((candidate) => candidate.extensionType === 'ratchet_tree');
  if (extension === undefined) throw new GroupCryptoError('malformed', 'GroupInfo without ratchet tree');
  const decoded = guardedSync('ratchet tree', 'malformed', () =>
    decodeRatchetTree(extension.extensionData, 0),
  );
  const nodes = decoded?.[0].length ?? 0;
  if (nodes > 2 * LIMITS.leaves - 1) throw new GroupCryptoError('group_full', 'more than 64 leaves');
  return decodeExactly('ratchet tree', extension.extensionData, decodeRatchetTree, encodeRatchetTree);
}

/** The account and device of a leaf; `bad_credential` when its credential is not one of ours. */
export function leafCredential(leaf: LeafNode): Credential {
  if (leaf.credential.credentialType !== 'basic')
    throw new GroupCryptoError('bad_credential', 'not a basic credential');
  return readCredential(leaf.credential.identity);
}

/** A leaf node as a member. */
export function toMember(leaf: number, node: LeafNode): Member {
  const { accountId, deviceId, identityPublicKey } = leafCredential(node);
  return {
    leaf,
    accountId,
    deviceId,
    identityPublicKey,
    signaturePublicKey: node.signaturePublicKey.slice(),
  };
}

/** The non-blank leaf node at a leaf index. */
export function leafAt(tree: RatchetTree, leaf: number): LeafNode | undefined {
  const node = tree[2 * leaf];
  return node?.nodeType === 'leaf' ? node.leaf : undefined;
}

/** All members of a tree, by leaf. */
export function treeMembers(tree: RatchetTree): Member[] {
  return tree.flatMap((node, index) => (node?.nodeType === 'leaf' ? [toMember(index / 2, node.leaf)] : []));
}
