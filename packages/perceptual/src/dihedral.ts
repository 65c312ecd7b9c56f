/**
 * The eight symmetries of a rectangle's picture. `rotate90` turns the picture a quarter to the left
 * (counter-clockwise), as the reference names it; `flipX` turns it upside down, `flipY` mirrors it left to right,
 * `flipPlus1` reflects it in the main diagonal (transposes), `flipMinus1` in the other.
 */
export const DIHEDRALS = [
  'original',
  'rotate90',
  'rotate180',
  'rotate270',
  'flipX',
  'flipY',
  'flipPlus1',
  'flipMinus1',
] as const;

export type Dihedral = (typeof DIHEDRALS)[number];

/** How each symmetry comes from the four sampled planes: which plane, and whether it is transposed. */
export const DIHEDRAL_PLANES: Readonly<Record<Dihedral, { plane: 0 | 1 | 2 | 3; transpose: boolean }>> = {
  original: { plane: 0, transpose: false },
  flipY: { plane: 1, transpose: false },
  flipX: { plane: 2, transpose: false },
  rotate180: { plane: 3, transpose: false },
  flipPlus1: { plane: 0, transpose: true },
  rotate90: { plane: 1, transpose: true },
  rotate270: { plane: 2, transpose: true },
  flipMinus1: { plane: 3, transpose: true },
};
