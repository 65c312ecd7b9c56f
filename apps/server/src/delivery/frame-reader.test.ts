import type { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as ws from 'ws';
import { FrameReader } from './frame-reader.ts';

interface Frame {
  /** The first byte: final bit and kind. */
  readonly first: number;
  readonly payload: Buffer;
  readonly mask: Buffer;
}

/** Client frames as RFC 6455 §5.2 lays them out. */
function encode({ first, payload, mask }: Frame): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = first;
  head[1] = 0x80 | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  const body = Buffer.from(payload.map((byte, i) => byte ^ (mask[i % 4] as number)));
  return Buffer.concat([head, mask, body]);
}

/** Of `ws`, which exports it without a type. */
const { Receiver } = ws as unknown as { Receiver: new (options: object) => Writable };

/** Which reader read a frame, and what. */
type Read = readonly [reader: 'ours' | 'ws', kind: string, payload: string];

/** What the reader, with that of `ws` behind it, makes of a stream that comes in pieces cut at these places. */
function readAll(stream: Buffer, cuts: readonly number[]) {
  const read: Read[] = [];
  const theirs = new Receiver({ isServer: true, allowSynchronousEvents: true, skipUTF8Validation: true });
  theirs.on('message', (data: Buffer, binary: boolean) => {
    read.push(['ws', binary ? 'binary' : 'text', data.toString('hex')]);
  });
  theirs.on('ping', (data: Buffer) => read.push(['ws', 'ping', data.toString('hex')]));
  theirs.on('pong', (data: Buffer) => read.push(['ws', 'pong', data.toString('hex')]));
  theirs.on('conclude', () => read.push(['ws', 'close', '']));
  theirs.on('error', () => {});
  const reader = new FrameReader({
    message: (payload) => read.push(['ours', 'binary', payload.toString('hex')]),
    others: (bytes) => theirs.write(bytes),
  });
  const places = cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b);
  for (const [i, from] of [0, ...places].entries()) {
    const piece = stream.subarray(from, places[i] ?? stream.length);
    // What comes from the kernel is the reader's own to change.
    if (piece.length > 0) reader.read(Buffer.from(piece));
  }
  return read;
}

const bytes = (min: number, max: number) =>
  fc.uint8Array({ minLength: min, maxLength: max }).map((array) => Buffer.from(array));
const mask = bytes(4, 4);
const payload = fc.oneof(bytes(0, 20), bytes(120, 130), fc.constant(Buffer.alloc(70_000, 3)));
const frameOf = (...firsts: number[]) => fc.record({ first: fc.constantFrom(...firsts), payload, mask });
const plain = frameOf(0x82);
const control = fc.record({ first: fc.constantFrom(0x89, 0x8a), payload: bytes(0, 20), mask });
const fragmented = fc
  .tuple(frameOf(0x01, 0x02), fc.array(fc.oneof(frameOf(0x00), control), { maxLength: 3 }), frameOf(0x80))
  .map(([begin, middle, end]) => [begin, ...middle, end]);
const group = fc.oneof(
  plain.map((frame) => [frame]),
  frameOf(0x81).map((frame) => [frame]),
  control.map((frame) => [frame]),
  fragmented,
);
const emptyClose: Frame = { first: 0x88, payload: Buffer.alloc(0), mask: Buffer.alloc(4) };
const cuts = fc.array(fc.nat(200_000), { maxLength: 12 });

/** What a list of groups says, whoever reads it. */
function said(frames: readonly Frame[]): string[] {
  const kinds: Record<number, string> = { 1: 'text', 2: 'binary', 9: 'ping', 10: 'pong' };
  const out: string[] = [];
  let message: { kind: string; parts: Buffer[] } | undefined;
  for (const { first, payload: body } of frames) {
    const kind = kinds[first & 0x0f];
    if ((first & 0x08) !== 0) {
      out.push(`${kind} ${body.toString('hex')}`);
      continue;
    }
    message ??= { kind: kind ?? '', parts: [] };
    message.parts.push(body);
    if ((first & 0x80) === 0) continue;
    out.push(`${message.kind} ${Buffer.concat(message.parts).toString('hex')}`);
    message = undefined;
  }
  return out;
}

const one = (first: number): Buffer =>
  encode({ first, payload: Buffer.from([first]), mask: Buffer.from([1, 2, 3, 4]) });

describe('the reader before that of ws', () => {
  it('gives with it what was said, in order, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(group, { maxLength: 8 }), cuts, (groups, places) => {
        const frames = groups.flat();
        const read = readAll(Buffer.concat(frames.map(encode)), places);
        expect(read.map(([, kind, data]) => `${kind} ${data}`)).toEqual(said(frames));
      }),
      { numRuns: 200 },
    );
  });

  it('reads plain frames that came whole by itself, several in a piece', () => {
    const read = readAll(Buffer.concat([one(0x82), one(0x82), one(0x89), one(0x82)]), []);
    expect(read.map(([reader]) => reader)).toEqual(['ours', 'ours', 'ws', 'ours']);
  });

  it('leaves to ws what comes between fragments, what is not masked and what is not allowed, to refuse it', () => {
    const between = readAll(Buffer.concat([0x02, 0x82, 0x80].map(one)), []);
    const bare = readAll(Buffer.from([0x82, 1, 7]), []);
    const compressed = readAll(one(0xc2), []);
    expect([between, bare, compressed]).toEqual([[], [], []]);
  });

  it('reads nothing behind a close', () => {
    expect(readAll(Buffer.concat([encode(emptyClose), one(0x82), one(0x89)]), [])).toEqual([
      ['ws', 'close', ''],
    ]);
  });
});
