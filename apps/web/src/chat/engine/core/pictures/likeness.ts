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
  readonly wholes: Uint8Array;
  readonly kept: Uint8Array;
}

const near = (a: Uint8Array, b: Uint8Array): boolean => hammingDistance(a, b) <= alike;

/** Whether `asked` is `known` again, or an edited copy of it, as the matching service will judge. */
export function isLike(asked: Hashed, known: Pick<Hashed, 'h' | 'kept'>): boolean {
  const any = [asked.h, ...each(asked.turned), ...each(asked.parts)];
  const kept = [known.h, ...each(known.kept)];
  return (
    any.some((hash) => kept.some((other) => near(hash, other))) ||
    [...each(asked.wholes)].some((hash) => near(hash, known.h))
  );
}
