import { type ItemKind, itemKinds, writeUuid } from '@accord/protocol/socket';

/*
 * The two frames of the hot path, made without decoding what only passes through. The layouts are the protocol's:
 * a test holds these to its encoder.
 */

const itemTailAt = 18;
const epochAt = 16;
/** Bytes of a group and an epoch at the head of a tail. */
const tailHead = 24;

/** The part that a `send` has in common with its `item`: group, epoch, body. `body` is the decoded frame's, where it lies. */
export const sendTail = (body: Uint8Array): Uint8Array =>
  new Uint8Array(body.buffer, body.byteOffset - tailHead, tailHead + body.length);

/** The tail of an item that did not come as a frame. */
export function makeTail(groupId: string, epoch: number, body: Uint8Array): Uint8Array {
  const tail = new Uint8Array(tailHead + body.length);
  writeUuid(tail, 0, groupId);
  new DataView(tail.buffer).setBigUint64(epochAt, BigInt(epoch));
  tail.set(body, tailHead);
  return tail;
}

/** Bytes of a WebSocket head for a payload of this length (RFC 6455 §5.2, unmasked). */
const headLength = (length: number): number => (length < 126 ? 2 : length < 65_536 ? 4 : 10);

/** A buffer for one final binary frame with its head written; the payload begins where the head ends. */
function frameOf(length: number): { frame: Buffer; at: number } {
  const at = headLength(length);
  const frame = Buffer.allocUnsafe(at + length);
  frame[0] = 0x82;
  if (at === 2) frame[1] = length;
  else if (at === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  return { frame, at };
}

/** Any of our frames as it goes over the wire. */
export function wrapped(payload: Uint8Array): Buffer {
  const { frame, at } = frameOf(payload.length);
  frame.set(payload, at);
  return frame;
}

function writeCount(frame: Buffer, value: number, at: number): void {
  frame.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  frame.writeUInt32BE(value % 2 ** 32, at + 4);
}

/** An `item` around a tail, as it goes over the wire. */
export function itemFrame(id: bigint, instant: number, kind: ItemKind, tail: Uint8Array): Buffer {
  const { frame, at } = frameOf(itemTailAt + tail.length);
  frame[at] = 0x83;
  frame.writeBigUInt64BE(id, at + 1);
  writeCount(frame, instant, at + 9);
  frame[at + 17] = itemKinds.indexOf(kind);
  frame.set(tail, at + itemTailAt);
  return frame;
}

/** A `sent`, as it goes over the wire. */
export function sentFrame(n: number, instant: number): Buffer {
  const { frame, at } = frameOf(17);
  frame[at] = 0x81;
  writeCount(frame, n, at + 1);
  writeCount(frame, instant, at + 9);
  return frame;
}
