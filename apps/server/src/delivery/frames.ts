import { type ItemKind, itemKinds, readUuid, writeUuid } from '@accord/protocol/socket';

/*
 * The two frames of the hot path, made without decoding what only passes through. The layouts are the protocol's:
 * a test holds these to its encoder.
 */

const groupAt = 9;
const epochAt = 25;
const bodyAt = 33;
const itemTailAt = 18;
/** Bytes of a group and an epoch at the head of a tail. */
const tailHead = bodyAt - groupAt;

/** The part that a `send` has in common with its `item`: group, epoch, body. */
export const sendTail = (frame: Uint8Array): Uint8Array => frame.subarray(groupAt);

/** The tail of an item that did not come as a frame. */
export function makeTail(groupId: string, epoch: number, body: Uint8Array): Uint8Array {
  const tail = new Uint8Array(tailHead + body.length);
  writeUuid(tail, 0, groupId);
  new DataView(tail.buffer).setBigUint64(epochAt - groupAt, BigInt(epoch));
  tail.set(body, tailHead);
  return tail;
}

/** An `item` frame around a tail. */
export function itemFrame(id: bigint, at: number, kind: ItemKind, tail: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(itemTailAt + tail.length);
  frame[0] = 0x83;
  frame.writeBigUInt64BE(id, 1);
  frame.writeUInt32BE(Math.floor(at / 2 ** 32), 9);
  frame.writeUInt32BE(at % 2 ** 32, 13);
  frame[17] = itemKinds.indexOf(kind);
  frame.set(tail, itemTailAt);
  return frame;
}

/** A `sent` frame. */
export function sentFrame(n: number, at: number): Buffer {
  const frame = Buffer.allocUnsafe(17);
  frame[0] = 0x81;
  frame.writeUInt32BE(Math.floor(n / 2 ** 32), 1);
  frame.writeUInt32BE(n % 2 ** 32, 5);
  frame.writeUInt32BE(Math.floor(at / 2 ** 32), 9);
  frame.writeUInt32BE(at % 2 ** 32, 13);
  return frame;
}

/** The group in a tail. */
export const tailGroup = (tail: Uint8Array): string => readUuid(tail, 0);
