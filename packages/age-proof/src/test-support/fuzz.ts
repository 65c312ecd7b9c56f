/** Random numbers of 32 bits, the same for a seed (mulberry32). */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed >>> 0; ; ) {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    yield (mixed ^ (mixed >>> 14)) >>> 0;
  }
}

/** Bytes at which parsers err: heads of every CBOR kind, largest lengths, DER tags. */
const sore = [
  0x00, 0x18, 0x1b, 0x30, 0x3b, 0x5b, 0x5f, 0x7f, 0x81, 0x9b, 0x9f, 0xa0, 0xbb, 0xbf, 0xd8, 0xf6, 0xfb, 0xff,
];

/**
 * Changed copies of a response: bytes replaced, cut out, doubled, moved, and noise of its own now and then.
 * The same seed gives the same copies.
 */
export function* mutants(good: Uint8Array, seed: number, count: number): Generator<Uint8Array> {
  const random = numbers(seed);
  const below = (limit: number): number => random.next().value % Math.max(1, limit);
  const changes: readonly ((bytes: Uint8Array) => Uint8Array)[] = [
    (bytes) => bytes.with(below(bytes.length), below(256)),
    (bytes) => bytes.with(below(bytes.length), sore[below(sore.length)] as number),
    (bytes) => {
      const at = below(bytes.length);
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 1 + below(16))]);
    },
    (bytes) => {
      const [from, to] = [below(bytes.length), below(bytes.length)];
      const piece = bytes.subarray(from, from + 1 + below(64));
      return Uint8Array.from([...bytes.subarray(0, to), ...piece, ...bytes.subarray(to)]);
    },
    (bytes) => {
      const out = bytes.slice();
      out.copyWithin(below(bytes.length), below(bytes.length), below(bytes.length));
      return out;
    },
  ];
  for (let left = count; left > 0; left -= 1) {
    if (below(50) === 0) {
      yield Uint8Array.from({ length: below(200) }, () => below(256));
      continue;
    }
    let bytes: Uint8Array = good.slice();
    for (let times = 1 + below(4); times > 0 && bytes.length > 0; times -= 1) {
      bytes = (changes[below(changes.length)] as (typeof changes)[number])(bytes);
    }
    yield bytes;
  }
}
