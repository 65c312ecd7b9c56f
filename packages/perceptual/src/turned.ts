import { DIHEDRAL_PLANES, DIHEDRALS, type Dihedral } from './dihedral.ts';
import { HASH_BITS } from './hash.ts';

/** Where the bit of coefficient (row, column) is: row 15 comes first, and in it the highest column. */
const placeOf = (row: number, column: number): { readonly byte: number; readonly mask: number } => {
  const bit = HASH_BITS - 1 - (16 * row + column);
  return { byte: bit >> 3, mask: 0x80 >> (bit & 7) };
};

/**
 * What the hashes of the turned and mirrored copies of a picture would be, from its hash alone. To mirror a picture changes
 * the sign of every other coefficient and to transpose it swaps rows and columns; the threshold, the median of all 256, moves
 * a little with that, so that these are a few bits off the true ones: near enough to find and to name a copy by.
 */
export function turned(hash: Uint8Array): Readonly<Record<Dihedral, Uint8Array>> {
  const bitAt = (row: number, column: number): boolean => {
    const { byte, mask } = placeOf(row, column);
    return ((hash[byte] ?? 0) & mask) !== 0;
  };
  const turn = (dihedral: Dihedral): Uint8Array => {
    const { plane, transpose } = DIHEDRAL_PLANES[dihedral];
    const out = new Uint8Array(hash.length);
    for (let row = 0; row < 16; row++) {
      for (let column = 0; column < 16; column++) {
        const [r, c] = transpose ? [column, row] : [row, column];
        // The coefficients begin at frequency 1: those at even places are the odd ones, which change.
        const changes = ((plane & 1) !== 0 && c % 2 === 0) !== ((plane & 2) !== 0 && r % 2 === 0);
        if (bitAt(r, c) === changes) continue;
        const { byte, mask } = placeOf(row, column);
        out[byte] = (out[byte] ?? 0) | mask;
      }
    }
    return out;
  };
  return Object.fromEntries(DIHEDRALS.map((dihedral) => [dihedral, turn(dihedral)])) as Record<
    Dihedral,
    Uint8Array
  >;
}
