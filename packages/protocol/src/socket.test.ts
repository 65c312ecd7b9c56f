import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ClientFrame,
  decodeClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  encodeServerFrame,
  FrameError,
  type SendFrame,
  type ServerFrame,
  sendRefusals,
} from './socket.ts';

const count = fc.maxSafeNat();
const uuid = fc.uuid();
const body = fc.uint8Array({ minLength: 1, maxLength: 600 });
const big = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

const send: fc.Arbitrary<SendFrame> = fc
  .record({ type: fc.constant('send' as const), n: count, oldest: count, groupId: uuid, epoch: count, body })
  .map((frame) => ({ ...frame, oldest: Math.min(frame.oldest, frame.n) }));
const clientFrame: fc.Arbitrary<ClientFrame> = fc.oneof(
  send,
  fc.record(
    { type: fc.constant('ack' as const), ids: fc.array(big, { maxLength: 50 }), send },
    { requiredKeys: ['type', 'ids'] },
  ),
  fc.record({ type: fc.constant('ephemeral' as const), groupId: uuid, body }),
);

const serverFrame: fc.Arbitrary<ServerFrame> = fc.oneof(
  fc.record({ type: fc.constant('sent' as const), n: count, at: count }),
  fc.record({
    type: fc.constant('refused' as const),
    n: count,
    code: fc.constantFrom(...sendRefusals),
    epoch: count,
  }),
  fc.record({
    type: fc.constant('item' as const),
    id: big,
    at: count,
    kind: fc.constantFrom('message' as const, 'commit' as const, 'welcome' as const),
    groupId: uuid,
    epoch: count,
    body,
  }),
  fc.record({
    type: fc.constant('item' as const),
    id: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
    at: count,
    kind: fc.constant('message' as const),
    groupId: uuid,
    epoch: count,
    body: fc.uint8Array({ minLength: 1, maxLength: 100 }),
    franking: fc.record({
      kid: fc.uint8Array({ minLength: 8, maxLength: 8 }),
      n: count,
      tag: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    }),
  }),
  fc.record({ type: fc.constant('ephemeral' as const), groupId: uuid, body }),
  fc.constant({ type: 'notice' as const, notice: { kind: 'devices' as const } }),
  fc.constant({ type: 'caught-up' as const }),
);

/** What may not be thrown by a decoder, whatever the bytes. */
function decodeOrFrameError(decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): void {
  try {
    decode(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(FrameError);
  }
}

describe('the frames of the socket', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(clientFrame, (frame) => {
        expect(decodeClientFrame(encodeClientFrame(frame))).toEqual(frame);
      }),
    );
    fc.assert(
      fc.property(serverFrame, (frame) => {
        expect(decodeServerFrame(encodeServerFrame(frame))).toEqual(frame);
      }),
    );
  });

  it('come back from the middle of a larger buffer', () => {
    fc.assert(
      fc.property(clientFrame, fc.nat(9), (frame, before) => {
        const bytes = encodeClientFrame(frame);
        const around = new Uint8Array(before + bytes.length + 3);
        around.set(bytes, before);
        expect(decodeClientFrame(around.subarray(before, before + bytes.length))).toEqual(frame);
      }),
    );
  });

  it('are refused by name when the bytes are garbage', () => {
    const garbage = fc.uint8Array({ maxLength: 80 });
    fc.assert(
      fc.property(garbage, (bytes) => decodeOrFrameError(decodeClientFrame, bytes)),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(garbage, (bytes) => decodeOrFrameError(decodeServerFrame, bytes)),
      { numRuns: 2000 },
    );
  });

  it('are refused by name when they are cut short', () => {
    fc.assert(
      fc.property(clientFrame, fc.nat(40), (frame, cut) => {
        const bytes = encodeClientFrame(frame);
        decodeOrFrameError(decodeClientFrame, bytes.subarray(0, Math.max(0, bytes.length - 1 - cut)));
      }),
    );
    const [sample] = fc.sample(send, 1);
    if (sample === undefined) throw new Error('no sample');
    expect(() => decodeClientFrame(encodeClientFrame(sample).subarray(0, 41))).toThrow(FrameError);
    const riding = encodeClientFrame({ type: 'ack', ids: [1n], send: sample });
    expect(() => decodeClientFrame(riding.subarray(0, 11 + 41))).toThrow(FrameError);
    expect(() => decodeClientFrame(Uint8Array.of(...riding.subarray(0, 11), 3))).toThrow(FrameError);
  });

  it('take no number beyond 2^53 and no id that is none', () => {
    expect(() =>
      encodeClientFrame({
        type: 'send',
        n: 2 ** 53,
        oldest: 1,
        groupId: '',
        epoch: 0,
        body: new Uint8Array(1),
      }),
    ).toThrow(FrameError);
    const [sample] = fc.sample(send, 1);
    const later = encodeClientFrame({ ...(sample as SendFrame), n: 7, oldest: 8 });
    expect(() => decodeClientFrame(later)).toThrow(FrameError);
    expect(() => encodeClientFrame({ type: 'ephemeral', groupId: 'zz', body: new Uint8Array(1) })).toThrow(
      FrameError,
    );
    const frame = encodeServerFrame({ type: 'sent', n: 1, at: 1 });
    frame[1] = 0xff;
    expect(() => decodeServerFrame(frame)).toThrow(FrameError);
  });
});
