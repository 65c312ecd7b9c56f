/** Where the bytes of a socket go. */
export interface FrameSink {
  /** A whole binary message, unmasked where it lay. */
  message(payload: Buffer): void;
  /** Bytes of every other frame, whole or in part, in their order. */
  others(bytes: Buffer): void;
}

const finalBinary = 0x82;
const closing = 0x08;
const masked = 0x80;
const maskBytes = 4;
/** Bytes of the longest head of a frame. */
const longestHead = 14;
const nothing = Buffer.alloc(0);

/**
 * Reads what our clients send all day, final binary frames that came in one piece (RFC 6455 §5.2), and leaves all
 * else to a reader that knows the whole protocol: for a message of a few hundred bytes that one costs more than what
 * is done with it. Frames are told apart by their heads alone, so each reader sees whole frames.
 */
export class FrameReader {
  readonly #sink: FrameSink;
  /** The beginning of a head that was cut off. */
  #held = nothing;
  /** Bytes to come of a frame that is the other reader's. */
  #owed = 0;
  /** A message in fragments is under way: the other reader has to see that nothing comes between them. */
  #fragments = false;
  /** The peer has closed: nothing of it counts any more. */
  #closed = false;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  read(chunk: Buffer): void {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = nothing;
    const end = bytes.length;
    let at = Math.min(this.#owed, end);
    this.#owed -= at;
    /** Where the bytes begin that the other reader has not been given yet. */
    let given = 0;
    while (at < end && !this.#closed) {
      const head = headLength(bytes, at);
      if (at + head > end) {
        // Copied: a few bytes must not keep what the kernel delivered with them.
        this.#held = Buffer.from(bytes.subarray(at));
        break;
      }
      const next = at + head + payloadLength(bytes, at);
      if (this.#isPlain(bytes, at, next)) {
        if (given < at) this.#sink.others(bytes.subarray(given, at));
        given = next;
        this.#sink.message(unmask(bytes, at + head, next));
      } else this.#note(bytes[at] as number);
      at = next;
    }
    this.#owed += Math.max(0, at - end);
    const left = Math.min(at, end);
    if (given < left) this.#sink.others(given === 0 && left === end ? bytes : bytes.subarray(given, left));
  }

  #isPlain(bytes: Buffer, at: number, next: number): boolean {
    const whole = next <= bytes.length && !this.#fragments;
    return whole && bytes[at] === finalBinary && ((bytes[at + 1] as number) & masked) !== 0;
  }

  /** What the first byte of a frame that is the other reader's says of those to come. */
  #note(first: number): void {
    if ((first & 0x0f) === closing) this.#closed = true;
    // Other control frames come between fragments and change nothing.
    else if ((first & 0x08) === 0) this.#fragments = (first & 0x80) === 0;
  }
}

/** Bytes of the head at `at`; more than there are when it is cut off. */
function headLength(bytes: Buffer, at: number): number {
  const second = bytes[at + 1];
  if (second === undefined) return longestHead;
  const mask = (second & masked) === 0 ? 0 : maskBytes;
  const length = second & 0x7f;
  return 2 + mask + (length < 126 ? 0 : length === 126 ? 2 : 8);
}

/** Of a whole head. A length that no message may have is not exact: the other reader ends the socket for it. */
function payloadLength(bytes: Buffer, at: number): number {
  const length = (bytes[at + 1] as number) & 0x7f;
  if (length < 126) return length;
  if (length === 126) return bytes.readUInt16BE(at + 2);
  return bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
}

/** The payload before `end`, behind its mask. */
function unmask(bytes: Buffer, from: number, end: number): Buffer {
  for (let i = from, mask = from - maskBytes; i < end; i += 1) {
    bytes[i] = (bytes[i] as number) ^ (bytes[mask + ((i - from) & 3)] as number);
  }
  return bytes.subarray(from, end);
}
