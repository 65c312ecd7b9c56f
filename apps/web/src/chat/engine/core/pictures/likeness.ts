import { hammingDistance } from '@accord/sealed-media';

/** The operating point of PDQ's authors: up to so many differing bits, two hashes show one picture. */
const alike = 31;
const hashBytes = 32;

function* each(hashes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at + hashBytes <= hashes.length; at += hashBytes)
    yield hashes.subarray(at, at + hashBytes);
}

interface Hashed {
  readonly h: Uint8Array;
  readonly turned: Uint8Array;
  readonly parts: Uint8Array;
  readonly kept: Uint8Array;
}

const near = (a: Uint8Array, b: Uint8Array): boolean => hammingDistance(a, b) <= alike;

/** Whether `asked` is `known` again, or an edited copy of it, as the matching service will judge. */
export function isLike(asked: Hashed, known: Pick<Hashed, 'h' | 'kept'>): boolean {
  if (near(asked.h, known.h)) return true;
  for (const turned of each(asked.turned)) {
    if (near(turned, known.h)) return true;
    for (const kept of each(known.kept)) if (near(turned, kept)) return true;
  }
  for (const part of each(asked.parts)) {
    if (near(part, known.h)) return true;
    for (const kept of each(known.kept)) if (near(part, kept)) return true;
  }
  return false;
}
