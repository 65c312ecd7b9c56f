import {
  decodeClientFrame,
  encodeClientFrame,
  encodeServerFrame,
  type SendFrame,
} from '@accord/protocol/socket';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itemFrame, makeTail, sendTail, sentFrame, wrapped } from './frames.ts';

const count = fc.maxSafeNat();
const group = fc.uuid();
const body = fc.uint8Array({ minLength: 1, maxLength: 400 });

describe('frames of the hot path', () => {
  it('are byte for byte those of the protocol', () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 2n ** 63n - 1n),
        count,
        fc.constantFrom('message' as const, 'commit' as const, 'welcome' as const),
        group,
        count,
        body,
        (...all) => {
          const [id, at, kind, groupId, epoch, bytes] = all;
          const item = encodeServerFrame({ type: 'item', id, at, kind, groupId, epoch, body: bytes });
          expect(itemFrame(id, at, kind, makeTail(groupId, epoch, bytes))).toEqual(wrapped(item));
          const send = { type: 'send' as const, n: at, oldest: at, groupId, epoch, body: bytes };
          for (const frame of [send, { type: 'ack' as const, ids: [id], send }]) {
            const decoded = decodeClientFrame(encodeClientFrame(frame));
            const found = decoded.type === 'ack' ? decoded.send : decoded;
            expect(sendTail((found as SendFrame).body)).toEqual(makeTail(groupId, epoch, bytes));
          }
          expect(sentFrame(at, epoch)).toEqual(
            wrapped(encodeServerFrame({ type: 'sent', n: at, at: epoch })),
          );
        },
      ),
    );
  });

  it('have the head of RFC 6455 for every length', () => {
    const heads = [0, 125, 126, 65_535, 65_536].map((length) => wrapped(new Uint8Array(length)));
    expect(heads.map((frame) => frame.length)).toEqual([2, 127, 130, 65_539, 65_546]);
    expect(heads[3]?.subarray(0, 4)).toEqual(Buffer.from([0x82, 126, 255, 255]));
    expect(heads[4]?.subarray(0, 10)).toEqual(Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]));
  });
});
