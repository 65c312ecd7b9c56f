/** XXH64 (xxHash specification 0.1.1) over whole 32-byte stripes, seed 0: the snapshot is laid out in such stripes. */
const P1: u64 = (u64(0x9e3779b1) << 32) | 0x85ebca87;
const P2: u64 = (u64(0xc2b2ae3d) << 32) | 0x27d4eb4f;
const P3: u64 = (u64(0x165667b1) << 32) | 0x9e3779f9;
const P4: u64 = (u64(0x85ebca77) << 32) | 0xc2b2ae63;
const P5: u64 = (u64(0x27d4eb2f) << 32) | 0x165667c5;

let a: u64 = 0;
let b: u64 = 0;
let c: u64 = 0;
let d: u64 = 0;
let total: u64 = 0;

export function checksumReset(): void {
  a = P1 + P2;
  b = P2;
  c = 0;
  d = 0 - P1;
  total = 0;
}

function round(sum: u64, lane: u64): u64 {
  return rotl(sum + lane * P2, 31) * P1;
}

/** `bytes` must be a multiple of 32. */
export function checksumUpdate(from: u32, bytes: u32): void {
  let s = a;
  let t = b;
  let u = c;
  let v = d;
  const end = from + bytes;
  for (let at = from; at !== end; at += 32) {
    s = round(s, load<u64>(at));
    t = round(t, load<u64>(at, 8));
    u = round(u, load<u64>(at, 16));
    v = round(v, load<u64>(at, 24));
  }
  a = s;
  b = t;
  c = u;
  d = v;
  total += bytes;
}

function merge(sum: u64, lane: u64): u64 {
  return (sum ^ round(0, lane)) * P1 + P4;
}

export function checksumDigest(): u64 {
  let sum = P5;
  if (total !== 0) {
    sum = rotl(a, 1) + rotl(b, 7) + rotl(c, 12) + rotl(d, 18);
    sum = merge(merge(merge(merge(sum, a), b), c), d);
  }
  sum += total;
  sum ^= sum >> 33;
  sum *= P2;
  sum ^= sum >> 29;
  sum *= P3;
  return sum ^ (sum >> 32);
}
