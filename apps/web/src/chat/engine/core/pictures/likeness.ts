import { hammingDistance } from '@accord/sealed-media';

/** The operating point of PDQ's authors: up to so many differing bits, two hashes show one picture. */
const alike = 31;
const hashBytes = 32;

function* each(hashes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at + hashBytes <= hashes.length; at += hashBytes)
    yield hashes.subarray(at, at + hashBytes);
}

/** `against` and `anchors` are absent in what an earlier version of the app prepared: then all is held against all. */
interface Hashed {
  readonly h: Uint8Array;
  readonly turned: Uint8Array;
  readonly parts: Uint8Array;
  readonly against?: Uint8Array;
  readonly wholes: Uint8Array;
  readonly kept: Uint8Array;
  readonly anchors?: Uint8Array;
}

const everything = 0xff;
const wholePictures = 1;

const near = (a: Uint8Array, b: Uint8Array): boolean => hammingDistance(a, b) <= alike;

/** Whether `asked` is `known` again, or an edited copy of it, as the matching service will judge. */
export function isLike(asked: Hashed, known: Pick<Hashed, 'h' | 'kept' | 'anchors'>): boolean {
  const questions = [
    ...[asked.h, ...each(asked.turned)].map((hash) => ({ hash, against: everything })),
    ...Array.from(each(asked.parts), (hash, at) => ({ hash, against: asked.against?.[at] ?? everything })),
    ...Array.from(each(asked.wholes), (hash) => ({ hash, against: wholePictures })),
  ];
  const held = [
    { hash: known.h, targets: wholePictures },
    ...Array.from(each(known.kept), (hash, at) => {
      const anchor = known.anchors?.[at] ?? 0;
      return { hash, targets: anchor === 0 ? everything - wholePictures : 1 << anchor };
    }),
  ];
  return questions.some(({ hash, against }) =>
    held.some((one) => (against & one.targets) !== 0 && near(hash, one.hash)),
  );
}
