import { describe, expect, it } from 'vitest';
import { builtKernel, scene } from '../testing/index.ts';
import { DIHEDRALS } from './dihedral.ts';
import { PdqEngine } from './engine.ts';
import { distance, MATCH_DISTANCE } from './hash.ts';
import { turned } from './turned.ts';

const engine = await PdqEngine.load(await builtKernel());

describe('hashes turned without their picture', () => {
  it('are a few bits off the true ones, and far from every other symmetry', () => {
    for (let index = 0; index < 12; index++) {
      const { hashes } = engine.dihedral(scene(index, 400, 300));
      const guessed = turned(hashes.original);
      for (const dihedral of DIHEDRALS) {
        expect(distance(guessed[dihedral], hashes[dihedral]), `${index} ${dihedral}`).toBeLessThan(
          MATCH_DISTANCE,
        );
        const nearest = [...DIHEDRALS].sort(
          (a, b) => distance(guessed[dihedral], hashes[a]) - distance(guessed[dihedral], hashes[b]),
        )[0];
        expect(nearest).toBe(dihedral);
      }
    }
  });

  it('leave the original as it is', () => {
    const { hash } = engine.hash(scene(3, 400, 300));
    expect(turned(hash).original).toEqual(hash);
  });
});
