import { type Cbor, decodeCbor, encodeCbor } from './cbor.ts';
import { SealedMediaError } from './errors.ts';
import type { TagContext } from './franking.ts';
import type { Bytes } from './primitives.ts';
import { bytesOf, countOf, fieldsOf, listOf, oneOf } from './shape.ts';

/*
 * What a receiver shows the desk of an encrypted conversation: the messages that they chose, with what opens the commitment
 * to each, sealed (HPKE) to the moderation key. Made while a view-once picture is open and kept sealed, it can be handed in
 * when the device itself can open the picture no more.
 */

export interface ReportedMessage {
  /** `picture`: the content is an encoded descriptor; `text`: the words, as the device shows them, in UTF-8. */
  readonly kind: 'picture' | 'text';
  /** The very bytes that the commitment covers. */
  readonly content: Uint8Array;
  readonly kf: Uint8Array;
  readonly context: TagContext;
  /** Which of the delivery service's keys made the tag, 8 bytes. */
  readonly kid: Uint8Array;
  readonly tag: Uint8Array;
  /** The server's half of a picture's key, as this device had it: opens the ciphertext even if it was taken back since. */
  readonly ks: Uint8Array | null;
}

export interface Report {
  /** A code of the protocol's list of reasons. */
  readonly reason: string;
  readonly words: string;
  readonly messages: readonly ReportedMessage[];
}

/** Additional data of the seal. */
export const reportContext: Bytes = new TextEncoder().encode('accord/report/1');

export const maxReportedMessages = 20;
const maxContentBytes = 65_536;

const messageToCbor = ({ kind, content, kf, context, kid, tag, ks }: ReportedMessage): Cbor => ({
  kind,
  content,
  kf,
  context: { ...context },
  kid,
  tag,
  ks,
});

function contextFromCbor(value: Cbor): TagContext {
  const f = fieldsOf(value, ['c', 'deviceId', 'groupId', 'epoch', 'n', 'at']);
  return {
    c: bytesOf(f.c, 32),
    deviceId: bytesOf(f.deviceId, 16),
    groupId: bytesOf(f.groupId, 16),
    epoch: countOf(f.epoch),
    n: countOf(f.n),
    at: countOf(f.at),
  };
}

function messageFromCbor(value: Cbor): ReportedMessage {
  const f = fieldsOf(value, ['kind', 'content', 'kf', 'context', 'kid', 'tag', 'ks']);
  return {
    kind: oneOf(f.kind, ['picture', 'text']),
    content: bytesOf(f.content, { most: maxContentBytes }),
    kf: bytesOf(f.kf, 32),
    context: contextFromCbor(f.context),
    kid: bytesOf(f.kid, 8),
    tag: bytesOf(f.tag, 32),
    ks: f.ks === null ? null : bytesOf(f.ks, 32),
  };
}

export const encodeReport = ({ reason, words, messages }: Report): Bytes =>
  encodeCbor({ v: 1, reason, words, messages: messages.map(messageToCbor) });

/** @throws {SealedMediaError} `malformed` */
export function decodeReport(bytes: Uint8Array): Report {
  const f = fieldsOf(decodeCbor(bytes), ['v', 'reason', 'words', 'messages']);
  if (f.v !== 1 || typeof f.reason !== 'string' || typeof f.words !== 'string') {
    throw new SealedMediaError('malformed', 'report');
  }
  return {
    reason: f.reason,
    words: f.words,
    messages: listOf(f.messages, maxReportedMessages, messageFromCbor),
  };
}
